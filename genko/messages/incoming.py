"""Stores messages that came in. A row's unique key, not a look beforehand, keeps a message from coming in twice."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from genko import clock, db, text
from genko.channels.events import Event, Inbound, Unreadable
from genko.channels.models import ChannelAccount
from genko.messages import lead_contact, opt_out, roll_up, search, senders, set_aside, waiting
from genko.messages.models import Message, MessageFile, Unprocessed
from genko.messages.roll_up import StoredEvent
from genko.messages.senders import Sender


def receive(session: Session, account_id: int, events: Sequence[Inbound], *, live: bool = True) -> int:
    """Stores messages and rolls them up; how many were new.

    `live=False` is for history: it reopens nothing, and its messages count as arrived when they were written.
    """
    unique = {event.provider_id: event for event in map(storable, events)}
    # Providers count in seconds and list the newest first: within a second, the order of the list decides.
    oldest_first = list(reversed(unique.values()))
    ordered = sorted(oldest_first, key=lambda event: event.at)
    if not ordered:
        return 0
    known = senders.hold_conversations(session, account_id, ordered)
    stored = _insert(session, account_id, ordered, known, live=live)
    if live:
        senders.match_again(session, known, stored)
    search.index_messages(session, [(new.message_id, new.event.body) for new in stored])
    _expect_files(session, stored)
    opt_out.hear_keywords(session, stored)
    roll_up.add_incoming(session, stored, live=live)
    replies = [new for new in stored if waiting.ends_a_wait(new.event.author, new.event.delivery)]
    lead_contact.written_elsewhere(session, [new.message_id for new in replies])
    set_aside.clear(session, account_id, [new.event.provider_id for new in stored])
    _note_account(session, account_id, stored)
    return len(stored)


def find_new(
    session: Session, account_id: int, events: Sequence[Inbound | Unreadable]
) -> list[Inbound | Unreadable]:
    """The events that are not stored yet. Only a saving of work: `receive` is safe without it."""
    asked = {"account": account_id, "provider_ids": [event.provider_id for event in events]}
    rows = session.execute(_STORED, asked).all()
    messages = {provider_id for provider_id, is_message in rows if is_message}
    # A record that was set aside and can be read this time is new all the same.
    messages_or_set_aside = {provider_id for provider_id, _ in rows}
    return [
        event
        for event in events
        if event.provider_id not in (messages_or_set_aside if isinstance(event, Unreadable) else messages)
    ]


def _stored(
    kind: type[Message | Unprocessed], is_message: sa.ColumnElement[bool]
) -> sa.Select[str | None, bool]:
    return sa.select(kind.provider_id, is_message).where(
        kind.account_id == sa.bindparam("account"),
        kind.provider_id.in_(sa.bindparam("provider_ids", expanding=True)),
    )


_STORED = sa.union_all(_stored(Message, sa.true()), _stored(Unprocessed, sa.false()))


_Event = TypeVar("_Event", bound=Event)


def storable(event: _Event) -> _Event:
    """Without characters that a database cannot hold: one such name must not keep a whole page out."""
    texts = {name: value for name, value in vars(event).items() if type(value) is str}
    if "".join(texts.values()).isprintable():  # nearly always, and quicker than a look at each text
        return event
    clean: dict[str, Any] = {name: text.storable(value) for name, value in texts.items()}
    return replace(event, **clean)


def _insert(
    session: Session,
    account_id: int,
    events: Sequence[Inbound],
    known: dict[str, Sender],
    *,
    live: bool,
) -> list[StoredEvent]:
    now = clock.now()
    rows = [
        {
            "conversation_id": known[event.person].conversation.id,
            "account_id": account_id,
            "author": event.author,
            "body": event.body,
            "at": event.at,
            "arrived_at": now if live else event.at,
            "provider_id": event.provider_id,
            "notice": event.notice,
            "reply_to": text.storable(event.reply_to) or None,
            "delivery": event.delivery,
            "error_code": event.error_code,
            "settled": event.outbound,
        }
        for event in events
    ]
    inserted = db.insert_all(session, Message, rows, "id", "provider_id", once=("account_id", "provider_id"))
    by_provider_id = {event.provider_id: event for event in events}
    stored = [
        StoredEvent(
            message_id,
            known[by_provider_id[str(provider_id)].person].conversation,
            by_provider_id[str(provider_id)],
        )
        for message_id, provider_id in inserted
    ]
    return sorted(stored, key=lambda new: new.message_id)


def _expect_files(session: Session, stored: Sequence[StoredEvent]) -> None:
    rows = [
        {"message_id": new.message_id, "provider_ref": file.ref, "next_attempt_at": clock.now()}
        for new in stored
        for file in new.event.files
    ]
    if rows:
        session.execute(sa.insert(MessageFile), rows)


def _note_account(session: Session, account_id: int, stored: Sequence[StoredEvent]) -> None:
    """When the account last got and sent a message, for Settings."""
    times: dict[InstrumentedAttribute[datetime | None], list[datetime]] = defaultdict(list)
    for new in stored:
        column = ChannelAccount.last_out_at if new.event.outbound else ChannelAccount.last_in_at
        times[column].append(new.event.at)
    for column, column_times in times.items():
        newest = max(column_times)
        session.execute(
            sa.update(ChannelAccount)
            .where(ChannelAccount.id == account_id, sa.or_(column.is_(None), column < newest))
            .values({column: newest})
        )
