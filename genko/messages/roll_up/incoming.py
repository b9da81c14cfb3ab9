"""Messages that a provider handed over, of both directions, in their conversations' rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from genko import clock
from genko.channels.events import Inbound
from genko.channels.models import ChannelAccount
from genko.leads.models import Lead
from genko.messages import waiting
from genko.messages.models import Conversation, ConversationStatus, Identity
from genko.messages.reply_window import window
from genko.messages.roll_up.newest import show_newest
from genko.messages.roll_up.status import move
from genko.messages.roll_up.waits import recompute_waiting


@dataclass(frozen=True)
class StoredEvent:
    """A message that was new, and is stored under `message_id`."""

    message_id: int
    conversation: Conversation
    event: Inbound


def add_incoming(session: Session, stored: Sequence[StoredEvent], *, live: bool) -> None:
    """`live=False` is for history, which opens nothing and makes nothing unread."""
    by_conversation: dict[int, list[StoredEvent]] = defaultdict(list)
    for message in sorted(
        stored, key=lambda message: (message.conversation.id, message.event.at, message.message_id)
    ):
        by_conversation[message.conversation.id].append(message)
    for messages in by_conversation.values():
        conversation = messages[0].conversation
        events = [message.event for message in messages]
        crosses = _cross_a_reply(conversation, events)
        _count(session, conversation, events)
        if live:
            _add_live(session, conversation, events, crosses=crosses)
        else:
            _add_history(session, conversation, events)
    session.flush()


def _cross_a_reply(conversation: Conversation, events: Sequence[Inbound]) -> bool:
    """Replies from another tool, or messages that were listed late: who waits depends on what was written in between."""
    return any(event.outbound or event.at < conversation.last_message_at for event in events)


def _count(session: Session, conversation: Conversation, events: Sequence[Inbound]) -> None:
    is_new = conversation.message_count == 0
    conversation.message_count += len(events)
    conversation.changed_at = clock.now()
    newest = events[-1]
    if is_new or newest.at >= conversation.last_message_at:
        show_newest(
            conversation,
            author=newest.author,
            body=newest.body,
            at=newest.at,
            notice=newest.notice,
            has_files=bool(newest.files),
        )
    if events[0].at < conversation.created_at:
        conversation.created_at = events[0].at
        _date_lead_back(session, conversation, events[0].at)
    if inbound := _inbound(events):
        newest_at = inbound[-1].at
        conversation.last_inbound_at = max(conversation.last_inbound_at or newest_at, newest_at)


def _inbound(events: Sequence[Inbound]) -> list[Inbound]:
    return [event for event in events if not event.outbound]


def _date_lead_back(session: Session, conversation: Conversation, first_at: datetime) -> None:
    """Messages may come in any order: since when we know a lead does not depend on it."""
    identity = session.get_one(Identity, conversation.identity_id)
    lead = session.get(Lead, identity.lead_id) if identity.lead_id else None
    if lead and first_at < lead.created_at:
        lead.created_at = first_at


def _add_live(
    session: Session, conversation: Conversation, events: Sequence[Inbound], *, crosses: bool
) -> None:
    inbound = _inbound(events)
    conversation.inbound_count += len(inbound)
    conversation.waiting_since = waiting.waits_after(session, conversation, events)
    if inbound and conversation.status is not ConversationStatus.ACTIVE:
        move(session, conversation, ConversationStatus.ACTIVE)
    if crosses:
        recompute_waiting(session, conversation)


def _add_history(session: Session, conversation: Conversation, events: Sequence[Inbound]) -> None:
    """A conversation that nobody can still answer comes in closed. One that staff have begun or opened stays."""
    account = session.get_one(ChannelAccount, conversation.account_id)
    if conversation.last_message_at < account.created_at:
        is_new = conversation.message_count == len(events) and conversation.attended_at is None
        waited = conversation.waiting_since is not None
        recompute_waiting(session, conversation)
        answerable = window(account.channel, conversation.last_inbound_at).is_open(clock.now())
        if conversation.waiting_since and (waited or (is_new and answerable)):
            return
        conversation.waiting_since = None
        if conversation.status is ConversationStatus.ACTIVE and (is_new or waited):
            move(session, conversation, ConversationStatus.RESOLVED)
    newest_at = events[-1].at
    conversation.attended_at = max(conversation.attended_at or newest_at, newest_at)
