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
    """Stores messages and rolls them up; the number that was new.

    `live=False` is for history: it reopens nothing and counts as seen when it was written, not now.
    """
    unique = {event.provider_id: event for event in map(storable, events)}
    # Providers count in seconds and list the newest first: within a second their order is the only one there is.
    oldest_first = list(reversed(unique.values()))
    ordered = sorted(oldest_first, key=lambda one: one.at)
    if not ordered:
        return 0
    found = senders.hold_conversations(session, account_id, ordered)
    taken = _insert(session, account_id, ordered, found, live=live)
    if live:
        senders.match_again(session, found, taken)
    search.index_messages(session, [(one.message_id, one.event.body) for one in taken])
    _expect_files(session, taken)
    opt_out.hear_keywords(session, taken)
    roll_up.add_incoming(session, taken, live=live)
    written = [one for one in taken if waiting.ends_a_wait(one.event.author, one.event.delivery)]
    lead_contact.written_elsewhere(session, [one.message_id for one in written])
    set_aside.clear(session, account_id, [one.event.provider_id for one in taken])
    _note_account(session, account_id, taken)
    return len(taken)


def find_new(
    session: Session, account_id: int, events: Sequence[Inbound | Unreadable]
) -> list[Inbound | Unreadable]:
    """The events that are not stored yet. Only a saving of work: `receive` is safe without it."""
    asked = {"account": account_id, "provider_ids": [event.provider_id for event in events]}
    found = session.execute(_STORED, asked).all()
    stored = {provider_id for provider_id, is_message in found if is_message}
    # What lies in the tray and can be read this time is new all the same.
    unread = {provider_id for provider_id, _ in found}
    return [
        event
        for event in events
        if event.provider_id not in (unread if isinstance(event, Unreadable) else stored)
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
    """Without what a database cannot hold; one such name must not keep a whole page out."""
    texts = [one for one in vars(event).values() if type(one) is str]
    if "".join(texts).isprintable():  # nearly always: asked once, not for each text
        return event
    clean: dict[str, Any] = {
        name: text.storable(one) for name, one in vars(event).items() if type(one) is str
    }
    return replace(event, **clean)


def _insert(
    session: Session,
    account_id: int,
    events: Sequence[Inbound],
    found: dict[str, Sender],
    *,
    live: bool,
) -> list[StoredEvent]:
    now = clock.now()
    rows = [
        {
            "conversation_id": found[event.person].conversation.id,
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
    taken = [
        StoredEvent(
            message_id,
            found[by_provider_id[str(provider_id)].person].conversation,
            by_provider_id[str(provider_id)],
        )
        for message_id, provider_id in inserted
    ]
    return sorted(taken, key=lambda one: one.message_id)


def _expect_files(session: Session, taken: Sequence[StoredEvent]) -> None:
    rows = [
        {"message_id": one.message_id, "provider_ref": file.ref, "next_attempt_at": clock.now()}
        for one in taken
        for file in one.event.files
    ]
    if rows:
        session.execute(sa.insert(MessageFile), rows)


def _note_account(session: Session, account_id: int, taken: Sequence[StoredEvent]) -> None:
    times: dict[InstrumentedAttribute[datetime | None], list[datetime]] = defaultdict(list)
    for one in taken:
        column = ChannelAccount.last_out_at if one.event.outbound else ChannelAccount.last_in_at
        times[column].append(one.event.at)
    for column, found in times.items():
        newest = max(found)
        session.execute(
            sa.update(ChannelAccount)
            .where(ChannelAccount.id == account_id, sa.or_(column.is_(None), column < newest))
            .values({column: newest})
        )
