"""One conversation: its head and its messages, ready to be drawn."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import phone
from genko.access.models import StaffMember
from genko.channels import registry
from genko.channels.base import Author, Delivery
from genko.channels.models import ChannelAccount
from genko.errors import NotFound
from genko.leads.models import Lead, LeadStage
from genko.messages import conversations
from genko.messages.models import (
    Conversation,
    ConversationSeen,
    ConversationStatus,
    FileState,
    Identity,
    Message,
    MessageFile,
    Priority,
    needs_a_person,
)
from genko.messages.outbox import why_blocked
from genko.messages.reply_window import window
from genko.messages.retry_failed import again_token
from genko.patients.models import Patient

PAGE = 50  # messages


@dataclass(frozen=True)
class ThreadFile:
    id: int
    content_type: str
    name: str
    size: int
    state: FileState
    problem: str


@dataclass(frozen=True)
class ThreadMessage:
    id: int
    author: Author
    staff_name: str | None
    body: str
    notice: str
    at: datetime
    delivery: Delivery | None
    problem: str
    asks_staff: bool  # failed or never confirmed, and nobody has dealt with it yet
    settled: bool
    sent_again: bool
    files: tuple[ThreadFile, ...]


@dataclass(frozen=True)
class Thread:
    messages: list[ThreadMessage]  # oldest first
    earlier: bool
    newest_id: int


@dataclass(frozen=True)
class ConversationHead:
    id: int
    name: str
    first_name: str
    phone: str
    patient_id: int | None
    lead_id: int | None
    lead_stage: LeadStage | None
    new_sender: bool  # came in by itself, and nobody has said yet whether it is a lead
    channel: str
    channel_label: str
    account: str
    status: ConversationStatus
    priority: Priority
    ai_enabled: bool
    assignee_id: int | None
    inbound_count: int
    unread: int
    window_closes_at: datetime | None
    blocked: str | None
    text_limit: int


# In one question, where one for each would cost a round trip each.
_HEAD = (
    sa.select(Conversation, Identity, ChannelAccount, Lead, Patient, ConversationSeen)
    .join(Identity, Identity.id == Conversation.identity_id)
    .join(ChannelAccount, ChannelAccount.id == Conversation.account_id)
    .outerjoin(Lead, Lead.id == Identity.lead_id)
    .outerjoin(Patient, Patient.id == Identity.patient_id)
    .outerjoin(
        ConversationSeen,
        sa.and_(
            ConversationSeen.conversation_id == Conversation.id,
            ConversationSeen.staff_id == sa.bindparam("by"),
        ),
    )
    .where(Conversation.id == sa.bindparam("id"))
)


def get_head(
    session: Session, conversation_id: int, *, by: int, at: datetime, region: str
) -> ConversationHead:
    row = session.execute(_HEAD, {"id": conversation_id, "by": by}).one_or_none()
    if row is None:
        raise NotFound("This conversation does not exist.")
    conversation, identity, account, lead, patient, seen = row
    channel = registry.kind(account.channel)
    return ConversationHead(
        id=conversation.id,
        name=conversation.name,
        first_name=_first_name(identity, lead, patient),
        phone=phone.shown(identity.phone, region) if identity.phone else "",
        patient_id=identity.patient_id,
        lead_id=identity.lead_id,
        lead_stage=lead.stage if lead else None,
        new_sender=bool(lead and lead.accepted_at is None and not identity.patient_id),
        channel=account.channel,
        channel_label=channel.label,
        account=account.label,
        status=conversation.status,
        priority=conversation.priority,
        ai_enabled=conversation.ai_enabled,
        assignee_id=conversation.assignee_id,
        inbound_count=conversation.inbound_count,
        unread=unread_of(session, conversation, seen, by=by),
        window_closes_at=window(account.channel, conversation.last_inbound_at).closes_at,
        blocked=why_blocked(session, conversation, at),
        text_limit=channel.text_limit.count,
    )


def unread_of(session: Session, conversation: Conversation, seen: ConversationSeen | None, *, by: int) -> int:
    """By the list's rule."""
    if seen:
        return max(0, conversation.inbound_count - seen.inbound_seen)
    return conversations.count_since_joined(session, conversation.id, by=by)


def _first_name(identity: Identity, lead: Lead | None, patient: Patient | None) -> str:
    """Empty when nobody knows it; a phone number is no name to greet somebody by."""
    known = patient.first_name if patient else lead.first_name if lead else ""
    return known or identity.profile_name.partition(" ")[0]


# Columns, not objects: nothing of them is changed, and fifty objects would take twice as long.
_THREAD: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        Message.id, Message.author, StaffMember.name, Message.body, Message.notice, Message.at, Message.delivery,
        Message.problem, Message.settled, Message.next_attempt_at,
    )
    .outerjoin(StaffMember, StaffMember.id == Message.staff_id)
    .where(Message.conversation_id == sa.bindparam("id"))
    .order_by(Message.at.desc(), Message.id.desc())
    .limit(sa.bindparam("limit"))
)  # fmt: skip


def get_thread(session: Session, conversation_id: int, *, messages: int = PAGE) -> Thread:
    """The newest `messages` messages."""
    asked = {"id": conversation_id, "limit": messages + 1}
    found = session.execute(_THREAD, asked).all()
    shown = list(reversed(found[:messages]))
    files = _files(session, [row.id for row in shown])
    again = _sent_again(session, [row.id for row in shown if row.settled])
    drawn = [_message(row, files.get(row.id, ()), sent_again=row.id in again) for row in shown]
    return Thread(drawn, len(found) > messages, max((one.id for one in drawn), default=0))


def _sent_again(session: Session, settled: list[int]) -> set[int]:
    """Those of the messages that were sent anew when they had failed."""
    if not settled:
        return set()
    tokens = {again_token(number): number for number in settled}
    found = session.scalars(sa.select(Message.client_token).where(Message.client_token.in_(tokens)))
    return {tokens[token] for token in found if token}


def _message(
    row: sa.Row[*tuple[Any, ...]], files: tuple[ThreadFile, ...], *, sent_again: bool
) -> ThreadMessage:
    number, author, staff_name, body, notice, at, delivery, problem, settled, next_attempt_at = row
    asks_staff = needs_a_person(delivery, next_attempt_at) and not settled
    return ThreadMessage(
        number,
        author,
        staff_name,
        body,
        notice,
        at,
        delivery,
        problem,
        asks_staff,
        settled,
        sent_again,
        files,
    )


_FILES: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        MessageFile.message_id, MessageFile.id, MessageFile.content_type, MessageFile.name, MessageFile.size,
        MessageFile.state, MessageFile.problem,
    )
    .where(MessageFile.message_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(MessageFile.id)
)  # fmt: skip


def _files(session: Session, message_ids: list[int]) -> dict[int, tuple[ThreadFile, ...]]:
    found: dict[int, list[ThreadFile]] = defaultdict(list)
    for message_id, *file in session.execute(_FILES, {"ids": message_ids}):
        found[message_id].append(ThreadFile(*file))
    return {number: tuple(files) for number, files in found.items()}
