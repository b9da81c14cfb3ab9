"""What is stored of the things that happen to messages after they were written."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from genko.db import Base, BigId


class MessageReaction(Base, kw_only=True):
    """One person's reaction to a message. A reaction that was taken back stays, without its emoji, so that an older
    one that arrives late does not bring it back.
    """

    __tablename__ = "message_reaction"

    message_id: Mapped[int] = mapped_column(sa.ForeignKey("message.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)  # external id; empty when it was us
    emoji: Mapped[str]
    at: Mapped[datetime]


class EarlyChange(Base, kw_only=True):
    """A change whose message, or whose person, has not come in yet."""

    __tablename__ = "early_change"
    __table_args__ = (sa.UniqueConstraint("account_id", "digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("channel_account.id"))
    kind: Mapped[str]  # the name of the event's class
    subject: Mapped[str]  # the message's provider id; of a seen mark the person's external id
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    digest: Mapped[str]  # of kind and content: the same change is kept once
    kept_at: Mapped[datetime]
