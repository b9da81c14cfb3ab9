"""What a conversation's row says of its messages, moved on by those that came in: read, changed and written in sets.

Those few whose messages crossed a reply are looked at anew one by one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, text
from genko.channels.base import Delivery
from genko.channels.events import Inbound
from genko.channels.models import ChannelAccount
from genko.leads.models import Lead
from genko.messages import conversations
from genko.messages.models import Answer, Author, Conversation, ConversationStatus, Identity
from genko.messages.reply_window import window


@dataclass
class RollUp:
    """The part of a held conversation that messages change; past the mapping layer, which takes longer than all else."""

    id: int
    identity_id: int
    status: ConversationStatus
    created_at: datetime
    message_count: int
    inbound_count: int
    preview: str
    preview_author: Author
    last_message_at: datetime
    last_inbound_at: datetime | None
    waiting_since: datetime | None


ROLLED_UP = [getattr(Conversation, one.name) for one in fields(RollUp)]


@dataclass(frozen=True)
class Taken:
    """A message that was new."""

    id: int
    conversation: RollUp
    event: Inbound


def roll_up(session: Session, taken: Sequence[Taken], *, live: bool) -> None:
    """`live=False` is for history, which opens nothing."""
    by_conversation: dict[int, list[Taken]] = defaultdict(list)
    for one in taken:
        by_conversation[one.conversation.id].append(one)
    moved = [theirs[0].conversation for _, theirs in sorted(by_conversation.items())]
    crossed = {each.id for each in moved if _cross(each, by_conversation[each.id])}
    for each in moved:
        _move_on(session, each, by_conversation[each.id], live=live)
    _write(session, moved)
    for each in moved:
        if not live:
            _settle_history(session, each.id, by_conversation[each.id])
        elif each.status is not ConversationStatus.ACTIVE and _inbound(by_conversation[each.id]):
            conversations.move(session, _fresh(session, each.id), ConversationStatus.ACTIVE)
        if live and each.id in crossed:
            _fresh(session, each.id)
            conversations.recompute_waiting(session, each.id)


def _cross(conversation: RollUp, taken: Sequence[Taken]) -> bool:
    """Replies from elsewhere, or messages that were listed late: who waits depends on what was written in between."""
    return any(one.event.outbound or one.event.at < conversation.last_message_at for one in taken)


def _move_on(session: Session, conversation: RollUp, taken: Sequence[Taken], *, live: bool) -> None:
    inbound = _inbound(taken)
    conversation.message_count += len(taken)
    _show_newest(conversation, taken)
    _remember_first(session, conversation, taken)
    if inbound:
        newest = max(one.event.at for one in inbound)
        conversation.last_inbound_at = max(conversation.last_inbound_at or newest, newest)
        _hear_keywords(session, conversation, inbound)
    if live:
        _wait_or_answer(session, conversation, taken)
        conversation.inbound_count += len(inbound)


def _inbound(taken: Sequence[Taken]) -> list[Taken]:
    return [one for one in taken if not one.event.outbound]


def _write(session: Session, moved: Sequence[RollUp]) -> None:
    if not moved:
        return
    now = clock.now()
    rows = [vars(one) | {"changed_at": now} for one in moved]
    for row in rows:
        del row["identity_id"], row["status"]
    session.execute(sa.update(Conversation), rows)


def _fresh(session: Session, conversation_id: int) -> Conversation:
    return session.get_one(Conversation, conversation_id, populate_existing=True)


def _wait_or_answer(session: Session, conversation: RollUp, taken: Sequence[Taken]) -> None:
    """A patient's message begins a wait, a reply that a person wrote elsewhere ends one."""
    since = conversation.waiting_since
    for one in sorted(taken, key=lambda one: (one.event.at, one.id)):
        if not one.event.outbound:
            since = min(since or one.event.at, one.event.at)
        elif since and since <= one.event.at and one.event.delivery is not Delivery.FAILED:
            session.add(
                Answer(
                    conversation_id=conversation.id, asked_at=since, answered_at=one.event.at, staff_id=None
                )
            )
            since = None
    conversation.waiting_since = since


def _settle_history(session: Session, conversation_id: int, taken: Sequence[Taken]) -> None:
    """What lies before the connection opens nothing: a conversation that nobody can still answer comes in closed.

    One that staff have begun or opened stays as they left it.
    """
    conversation = _fresh(session, conversation_id)
    account = session.get_one(ChannelAccount, conversation.account_id)
    if conversation.last_message_at < account.created_at:
        is_new = conversation.message_count == len(taken) and conversation.attended_at is None
        waited = conversation.waiting_since is not None
        conversations.recompute_waiting(session, conversation.id)
        answerable = window(account.channel, conversation.last_inbound_at).is_open(clock.now())
        if conversation.waiting_since and (waited or (is_new and answerable)):
            return
        conversation.waiting_since = None
        if conversation.status is ConversationStatus.ACTIVE and (is_new or waited):
            conversations.move(session, conversation, ConversationStatus.RESOLVED)
    newest = max(one.event.at for one in taken)
    conversation.attended_at = max(conversation.attended_at or newest, newest)


def _remember_first(session: Session, conversation: RollUp, taken: Sequence[Taken]) -> None:
    """Messages may come in any order: who wrote when first does not depend on it."""
    first = min(one.event.at for one in taken)
    if first >= conversation.created_at:
        return
    conversation.created_at = first
    identity = session.get_one(Identity, conversation.identity_id)
    lead = session.get(Lead, identity.lead_id) if identity.lead_id else None
    if lead and first < lead.created_at:
        lead.created_at = first


def _show_newest(conversation: RollUp, taken: Sequence[Taken]) -> None:
    newest = max(taken, key=lambda one: (one.event.at, one.id))
    first = conversation.message_count == len(taken)
    if first or newest.event.at >= conversation.last_message_at:
        conversation.last_message_at = newest.event.at
        conversation.preview = text.one_line(newest.event.body) or _file_words(newest.event)
        conversation.preview_author = Author.STAFF if newest.event.outbound else Author.PATIENT


def _file_words(event: Inbound) -> str:
    return event.notice or ("📎 File" if event.files else "")


def _hear_keywords(session: Session, conversation: RollUp, inbound: Sequence[Taken]) -> None:
    """STOP and START (or UNSTOP), alone in a message, are the person's own switch."""
    for one in inbound:
        word = one.event.body.strip().casefold()
        if word not in {"stop", "start", "unstop"}:
            continue
        identity = session.get_one(Identity, conversation.identity_id)
        if word == "stop":
            identity.opted_out_at = max(identity.opted_out_at or one.event.at, one.event.at)
        else:
            identity.opted_in_at = max(identity.opted_in_at or one.event.at, one.event.at)
