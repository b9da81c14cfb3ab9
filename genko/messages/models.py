"""Identities, conversations, messages and what hangs on them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from genko.channels.base import Author, Delivery
from genko.db import Base, BigId, text_enum


class ConversationStatus(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    RESOLVED = "resolved"


class Priority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class FileDirection(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class FileState(StrEnum):
    """A file of ours is stored from the start; its message says how far it has come."""

    PENDING = "pending"  # not fetched from the provider yet
    STORED = "stored"
    FAILED = "failed"


class TouchKind(StrEnum):
    CALL = "call"
    VISIT = "visit"
    EMAIL = "email"
    MESSAGE = "message"
    OTHER = "other"


class Identity(Base, kw_only=True):
    """One address of one person on one account of ours. Belongs to a patient, or else to a lead."""

    __tablename__ = "identity"
    __table_args__ = (sa.UniqueConstraint("account_id", "external_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("channel_account.id"))
    external_id: Mapped[str]
    profile_name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str | None] = mapped_column(default=None)
    patient_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patient.id"), default=None, index=True)
    lead_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("lead.id", ondelete="SET NULL"), default=None, index=True
    )
    not_a_lead: Mapped[bool] = mapped_column(default=False)  # staff said so: a supplier, a wrong number
    seen_at: Mapped[datetime | None] = mapped_column(
        default=None
    )  # the person has seen what we wrote until then
    opted_out_at: Mapped[datetime | None] = mapped_column(default=None)  # the latest STOP
    opted_in_at: Mapped[datetime | None] = mapped_column(default=None)  # the latest START


_OPEN = sa.text("status <> 'resolved'")
_WAITING = sa.text("waiting_since IS NOT NULL")
_FAILED = sa.text("failed_count > 0")


class Conversation(Base, kw_only=True):
    """One per identity, for ever. Below `name` stand the roll-ups that the list shows without a query per row."""

    __tablename__ = "conversation"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    identity_id: Mapped[int] = mapped_column(sa.ForeignKey("identity.id"), unique=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("channel_account.id"))
    status: Mapped[ConversationStatus] = mapped_column(
        text_enum(ConversationStatus), default=ConversationStatus.ACTIVE
    )
    priority: Mapped[Priority] = mapped_column(text_enum(Priority), default=Priority.MEDIUM)
    ai_enabled: Mapped[bool] = mapped_column(default=True)
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"), default=None)
    created_at: Mapped[datetime]

    name: Mapped[str]
    message_count: Mapped[int] = mapped_column(default=0)
    inbound_count: Mapped[int] = mapped_column(
        default=0
    )  # patient messages that arrived live: what unread is taken from
    failed_count: Mapped[int] = mapped_column(default=0)
    preview: Mapped[str] = mapped_column(default="")
    preview_author: Mapped[Author] = mapped_column(text_enum(Author), default=Author.PATIENT)
    last_message_at: Mapped[datetime]
    last_inbound_at: Mapped[datetime | None] = mapped_column(default=None)
    waiting_since: Mapped[datetime | None] = mapped_column(default=None)
    # What reached us until then waits no more: staff said so, or it is history.
    attended_at: Mapped[datetime | None] = mapped_column(default=None)
    changed_at: Mapped[datetime] = mapped_column(index=True)


_NEWEST = Conversation.last_message_at.desc(), Conversation.id.desc()
sa.Index("ix_conversation_open", *_NEWEST, sqlite_where=_OPEN, postgresql_where=_OPEN)
sa.Index("ix_conversation_status", Conversation.status, *_NEWEST)
sa.Index("ix_conversation_account", Conversation.account_id, Conversation.status, *_NEWEST)
sa.Index(
    "ix_conversation_account_open",
    Conversation.account_id,
    *_NEWEST,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
sa.Index(
    "ix_conversation_waiting",
    Conversation.waiting_since,
    Conversation.id,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)


sa.Index("ix_conversation_failed", *_NEWEST, sqlite_where=_FAILED, postgresql_where=_FAILED)


class ConversationTally(Base, kw_only=True):
    """How many conversations an account has in a status, kept in the transaction that changes one."""

    __tablename__ = "conversation_tally"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("channel_account.id"), primary_key=True)
    status: Mapped[ConversationStatus] = mapped_column(text_enum(ConversationStatus), primary_key=True)
    conversations: Mapped[int] = mapped_column(default=0)


class ConversationSeen(Base, kw_only=True):
    """How far one staff member has read: unread is the conversation's inbound_count less `inbound_seen`."""

    __tablename__ = "conversation_seen"

    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_member.id"), primary_key=True)
    inbound_seen: Mapped[int] = mapped_column(default=0)


_UNFINISHED = sa.text("delivery IN ('queued', 'sending', 'unconfirmed', 'sent', 'delivered')")


class Message(Base, kw_only=True):
    """Inbound and outbound. An outbound row is the outbox: writing it is all that sending means to a screen."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"))
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("channel_account.id"))
    author: Mapped[Author] = mapped_column(text_enum(Author))
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"), default=None)
    body: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]  # the provider's time where it gave one
    arrived_at: Mapped[datetime]
    provider_id: Mapped[str | None] = mapped_column(default=None)
    notice: Mapped[str] = mapped_column(
        default=""
    )  # what staff should know of a message we cannot show whole

    reply_to: Mapped[str | None] = mapped_column(
        default=None
    )  # provider id of the message that this one answers
    edited_at: Mapped[datetime | None] = mapped_column(default=None)
    unsent_at: Mapped[datetime | None] = mapped_column(
        default=None
    )  # its author took it back: the text is gone

    client_token: Mapped[str | None] = mapped_column(default=None, unique=True)
    override: Mapped[bool] = mapped_column(default=False)
    delivery: Mapped[Delivery | None] = mapped_column(text_enum(Delivery), default=None)
    error_code: Mapped[str] = mapped_column(default="")
    problem: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=None)
    claimed_by: Mapped[str | None] = mapped_column(default=None)
    claimed_at: Mapped[datetime | None] = mapped_column(default=None)
    settled: Mapped[bool] = mapped_column(default=False)  # a failure that somebody has dealt with

    __table_args__ = (sa.UniqueConstraint("account_id", "provider_id"),)

    @property
    def needs_a_person(self) -> bool:
        return needs_a_person(self.delivery, self.next_attempt_at)


def needs_a_person(delivery: Delivery | None, next_attempt_at: datetime | None) -> bool:
    """Failed, or looked up in vain: nothing more happens to it by itself."""
    return delivery is Delivery.FAILED or (delivery is Delivery.UNCONFIRMED and next_attempt_at is None)


sa.Index("ix_message_conversation", Message.conversation_id, Message.at, Message.id)
sa.Index("ix_message_day", Message.at, Message.author)
sa.Index(
    "ix_message_outbox",
    Message.account_id,
    Message.delivery,
    Message.id,
    sqlite_where=_UNFINISHED,
    postgresql_where=_UNFINISHED,
)


_PENDING = sa.text("state = 'pending'")


class MessageFile(Base, kw_only=True):
    """A file of a message, from a person or from us."""

    __tablename__ = "message_file"
    __table_args__ = (
        sa.UniqueConstraint("message_id", "provider_ref"),
        sa.Index(
            "ix_message_file_pending", "next_attempt_at", sqlite_where=_PENDING, postgresql_where=_PENDING
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    message_id: Mapped[int] = mapped_column(sa.ForeignKey("message.id"), index=True)
    direction: Mapped[FileDirection] = mapped_column(
        text_enum(FileDirection), default=FileDirection.INBOUND, server_default=FileDirection.INBOUND
    )
    provider_ref: Mapped[str | None] = mapped_column(
        default=None
    )  # what the provider hands an inbound file over for
    state: Mapped[FileState] = mapped_column(text_enum(FileState), default=FileState.PENDING)
    content_type: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(default=0)  # bytes
    problem: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=None)


class FileContent(Base, kw_only=True):
    """The bytes, apart from the row that lists them: every machine that reaches the database reaches the file."""

    __tablename__ = "file_content"

    file_id: Mapped[int] = mapped_column(sa.ForeignKey("message_file.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class Unprocessed(Base, kw_only=True):
    """What a provider handed over and we could not understand, kept raw until it has come in."""

    __tablename__ = "unprocessed"
    __table_args__ = (sa.UniqueConstraint("account_id", "provider_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("channel_account.id"))
    provider_id: Mapped[str]
    raw: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    reason: Mapped[str]
    at: Mapped[datetime]
    processed_at: Mapped[datetime | None] = mapped_column(default=None)


class Draft(Base, kw_only=True):
    """What one staff member has typed for one conversation. `token` makes one click one message."""

    __tablename__ = "draft"

    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_member.id"), primary_key=True)
    token: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    seen_message_id: Mapped[int] = mapped_column(sa.BigInteger, default=0)  # newest message when it was begun
    updated_at: Mapped[datetime]


class Touch(Base, kw_only=True):
    """A contact noted by hand. Belongs to a patient or a lead."""

    __tablename__ = "touch"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    patient_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patient.id"), default=None, index=True)
    lead_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("lead.id", ondelete="CASCADE"), default=None, index=True
    )
    kind: Mapped[TouchKind] = mapped_column(text_enum(TouchKind))
    at: Mapped[datetime]
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_member.id"))
    note: Mapped[str] = mapped_column(default="")


class Answer(Base, kw_only=True):
    """A wait that a person ended, for the time to first reply. `asked_at` is the first unanswered message's time."""

    __tablename__ = "answer"
    __table_args__ = (sa.Index(None, "answered_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"), default=None)


class SavedReply(Base, kw_only=True):
    __tablename__ = "saved_reply"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    title: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
