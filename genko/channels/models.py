"""Our own accounts on the channels."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from genko.db import Base, BigId, text_enum


class Health(StrEnum):
    """UNVERIFIED: has not worked yet. BROKEN: needs a person (wrong credentials). TROUBLED: backing off by itself."""

    UNVERIFIED = "unverified"
    OK = "ok"
    TROUBLED = "troubled"
    BROKEN = "broken"


class HistoryImport(StrEnum):
    NONE = "none"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


class ChannelAccount(Base, kw_only=True):
    """One number or profile of ours. Removed accounts stay as rows: their conversations do too."""

    __tablename__ = "channel_account"
    __table_args__ = (sa.UniqueConstraint("channel", "external_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    channel: Mapped[str]
    external_id: Mapped[str]  # what patients write to, in the channel's own spelling: whatsapp:+49…
    label: Mapped[str]
    colour: Mapped[str] = mapped_column(default="#0f766e")
    fields: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # credential fields that are no secret
    sealed: Mapped[str]  # the secret ones, by the vault
    credentials_expire_at: Mapped[datetime | None] = mapped_column(
        default=None
    )  # None: never, or not known yet
    deadline: Mapped[date | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None] = mapped_column(default=None)

    health: Mapped[Health] = mapped_column(text_enum(Health), default=Health.UNVERIFIED)
    last_error: Mapped[str] = mapped_column(default="")
    last_error_at: Mapped[datetime | None] = mapped_column(default=None)
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None] = mapped_column(default=None)
    # A refused message says nothing about what comes in, so sending has a state of its own.
    send_error: Mapped[str] = mapped_column(default="", server_default="")
    send_failures: Mapped[int] = mapped_column(default=0, server_default="0")
    send_retry_at: Mapped[datetime | None] = mapped_column(default=None)
    last_in_at: Mapped[datetime | None] = mapped_column(default=None)
    last_out_at: Mapped[datetime | None] = mapped_column(default=None)

    fetched_until: Mapped[
        datetime
    ]  # the provider's time of the last complete sweep; the next one overlaps it
    history: Mapped[HistoryImport] = mapped_column(text_enum(HistoryImport), default=HistoryImport.NONE)
    history_since: Mapped[datetime | None] = mapped_column(default=None)
    history_next: Mapped[datetime | None] = mapped_column(default=None)  # days before it are imported
    history_done: Mapped[int] = mapped_column(default=0)  # messages
