"""The messages of an open conversation, ready to be drawn."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.access.models import StaffMember
from genko.channels.base import Author, Delivery
from genko.messages.change_models import MessageReaction
from genko.messages.models import (
    Conversation,
    FileState,
    Identity,
    Message,
    MessageFile,
    needs_a_person,
)
from genko.messages.retry_failed import again_token

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
    edited: bool = False
    unsent: bool = False
    reactions: tuple[str, ...] = ()  # emoji


@dataclass(frozen=True)
class Thread:
    messages: list[ThreadMessage]  # oldest first
    earlier: bool
    newest_id: int


# Columns, not objects: nothing of them is changed, and fifty objects would take twice as long.
_THREAD: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        Message.id, Message.author, StaffMember.name, Message.body, Message.notice, Message.at, Message.delivery,
        Message.problem, Message.settled, Message.next_attempt_at, Message.edited_at, Message.unsent_at, Identity.seen_at,
    )
    .join(Conversation, Conversation.id == Message.conversation_id)
    .join(Identity, Identity.id == Conversation.identity_id)
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
    reactions = _reactions(session, [row.id for row in shown])
    drawn = [
        _message(row, files.get(row.id, ()), reactions.get(row.id, ()), sent_again=row.id in again)
        for row in shown
    ]
    return Thread(drawn, len(found) > messages, max((one.id for one in drawn), default=0))


def _sent_again(session: Session, settled: list[int]) -> set[int]:
    """Those of the messages that were sent anew when they had failed."""
    if not settled:
        return set()
    tokens = {again_token(number): number for number in settled}
    found = session.scalars(sa.select(Message.client_token).where(Message.client_token.in_(tokens)))
    return {tokens[token] for token in found if token}


def _message(
    row: sa.Row[*tuple[Any, ...]],
    files: tuple[ThreadFile, ...],
    reactions: tuple[str, ...],
    *,
    sent_again: bool,
) -> ThreadMessage:
    number, author, staff_name, body, notice, at, delivery, problem, settled, next_attempt_at, *rest = row
    edited_at, unsent_at, seen_at = rest
    asks_staff = needs_a_person(delivery, next_attempt_at) and not settled
    return ThreadMessage(
        number,
        author,
        staff_name,
        body,
        notice,
        at,
        _as_seen(delivery, at, seen_at),
        problem,
        asks_staff,
        settled,
        sent_again,
        files,
        edited_at is not None,
        unsent_at is not None,
        () if unsent_at else reactions,
    )


def _as_seen(delivery: Delivery | None, at: datetime, seen_at: datetime | None) -> Delivery | None:
    """Read up to the person's seen mark. A message that failed was not read: they saw the others."""
    arrived = delivery in {Delivery.SENT, Delivery.DELIVERED}
    return Delivery.READ if arrived and seen_at and at <= seen_at else delivery


_REACTIONS: sa.Select[*tuple[Any, ...]] = (
    sa.select(MessageReaction.message_id, MessageReaction.emoji)
    .where(MessageReaction.message_id.in_(sa.bindparam("ids", expanding=True)), MessageReaction.emoji != "")
    .order_by(MessageReaction.at, MessageReaction.person)
)


def _reactions(session: Session, message_ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    for message_id, emoji in session.execute(_REACTIONS, {"ids": message_ids}):
        found[message_id].append(emoji)
    return {message_id: tuple(emojis) for message_id, emojis in found.items()}


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
