"""Takes in what providers hand over, whether they were asked or called us. A row's unique key, not a look beforehand,
keeps a message from coming in twice.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from genko import clock, db, text
from genko.access.error_location import where
from genko.channels import registry
from genko.channels.channel import Channel
from genko.channels.events import Change, Event, Inbound, Unreadable
from genko.channels.models import ChannelAccount
from genko.db import Database, DatabaseDown
from genko.leads import records
from genko.leads.models import Lead, LeadSource
from genko.leads.records import LeadFields, NewLead
from genko.messages import (
    early_changes,
    echoes,
    lead_contact,
    message_changes,
    opt_out,
    roll_up,
    same_person,
    search,
    waiting,
)
from genko.messages.models import Conversation, Identity, Message, MessageFile, Unprocessed
from genko.messages.roll_up import StoredEvent

_JUST_BEFORE = timedelta(hours=1)  # what came this shortly before the connection is waited for as well
_NOT_STORED = "This could not be stored because of a fault in Genkō."

log = logging.getLogger("genko.take_in")


def take_in(database: Database, account_id: int, events: Sequence[Event], *, history: bool = False) -> int:
    """Stores what happened on one account; how many messages and records were new, and how many were changed.

    Events may come in any order and any number of times. Messages are stored first, and in a transaction of their own:
    they lock conversations before messages, changes lock messages before conversations.

    Messages from before the connection, and all of them with `history`, open nothing and nobody has to read them.
    """
    events = [_storable(event) for event in events]
    listed = [event for event in events if isinstance(event, Inbound | Unreadable)]
    changes = [event for event in events if not isinstance(event, Inbound | Unreadable)]
    new = _take_in_messages(database, account_id, listed, history=history) if listed else 0
    changed = _take_in_changes(database, account_id, changes) if changes else 0
    if new or changed:
        _apply_arrived(database, account_id)
    return new + changed


def live_since(connected_at: datetime) -> datetime:
    """What is older is history."""
    return connected_at - _JUST_BEFORE


def _take_in_messages(
    database: Database, account_id: int, listed: Sequence[Inbound | Unreadable], *, history: bool
) -> int:
    with database.reading() as session:
        fresh = find_new(session, account_id, listed)
    if not fresh:
        return 0
    ours = [event for event in fresh if isinstance(event, Inbound) and event.outbound and not history]
    try:
        if ours:
            database.attempt(lambda session: echoes.link(session, account_id, ours))
        return database.attempt(lambda session: _store(session, account_id, fresh, history=history))
    except DatabaseDown:
        raise
    except Exception:  # noqa: BLE001 - whichever it is, the others of the page must come in
        return _store_singly(database, account_id, fresh, history=history)


def _store(session: Session, account_id: int, fresh: Sequence[Inbound | Unreadable], *, history: bool) -> int:
    since = live_since(session.get_one(ChannelAccount, account_id).created_at)
    readable = [event for event in fresh if isinstance(event, Inbound)]
    live = [event for event in readable if not history and event.at >= since]
    older = [event for event in readable if history or event.at < since]
    for event in fresh:
        if isinstance(event, Unreadable):
            set_aside(session, account_id, event)
    new = receive(session, account_id, older, live=False)
    new += receive(session, account_id, live)
    return new + len(fresh) - len(readable)


def _store_singly(
    database: Database, account_id: int, fresh: Sequence[Inbound | Unreadable], *, history: bool
) -> int:
    """Each in a transaction of its own, oldest first; an event that cannot be stored is set aside."""
    new = 0
    for event in reversed(fresh):
        try:
            with database.transaction() as session:
                new += _store(session, account_id, [event], history=history)
        except DatabaseDown:
            raise
        except Exception as error:  # noqa: BLE001
            new += _set_aside_fault(database, account_id, event.provider_id, event.raw, error)
    return new


def _take_in_changes(database: Database, account_id: int, changes: Sequence[Change]) -> int:
    try:
        return database.attempt(lambda session: message_changes.apply(session, account_id, changes))
    except DatabaseDown:
        raise
    except Exception:  # noqa: BLE001 - one change that cannot be applied must not keep the others out
        return sum(_change_singly(database, account_id, change) for change in changes)


def _apply_arrived(database: Database, account_id: int) -> None:
    """The earlier changes of messages that have just come in."""
    try:
        database.attempt(lambda session: message_changes.apply_arrived(session, account_id))
    except DatabaseDown:
        raise
    except Exception as error:  # noqa: BLE001 - what has just come in is stored; the worker tries the changes again
        log.error("A kept change could not be applied: %s", where(error))  # noqa: TRY400 - no traceback: it has words


def _change_singly(database: Database, account_id: int, change: Change) -> int:
    try:
        with database.transaction() as session:
            return message_changes.apply(session, account_id, [change])
    except DatabaseDown:
        raise
    except Exception as error:  # noqa: BLE001
        name = f"{type(change).__name__}:{early_changes.subject_of(change)}:{change.at}"
        return _set_aside_fault(database, account_id, name, asdict(change), error)


def _set_aside_fault(
    database: Database, account_id: int, provider_id: str, raw: dict[str, Any], error: Exception
) -> int:
    with database.transaction() as session:
        known = sa.select(Unprocessed.id).where(
            Unprocessed.account_id == account_id, Unprocessed.provider_id == provider_id
        )
        if session.scalar(known):
            return 0
        log.error("An event could not be stored: %s", where(error))
        set_aside(session, account_id, Unreadable(provider_id, _plain(raw), _NOT_STORED))
        return 1


def _plain(raw: dict[str, Any]) -> dict[str, Any]:
    """As every database takes it: Python reads and writes NaN, JSON has none."""
    plain: dict[str, Any] = json.loads(json.dumps(raw, default=str), parse_constant=str)
    return plain


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


def _storable(event: _Event) -> _Event:
    """Without what a database cannot hold; one such name must not keep a whole page out."""
    texts = [one for one in vars(event).values() if type(one) is str]
    if "".join(texts).isprintable():  # nearly always: asked once, not for each text
        return event
    clean: dict[str, Any] = {
        name: text.storable(one) for name, one in vars(event).items() if type(one) is str
    }
    return replace(event, **clean)


def receive(session: Session, account_id: int, events: Sequence[Inbound], *, live: bool = True) -> int:
    """Stores messages and rolls them up; the number that was new.

    `live=False` is for history: it reopens nothing and counts as seen when it was written, not now.
    """
    unique = {event.provider_id: event for event in map(_storable, events)}
    # Providers count in seconds and list the newest first: within a second their order is the only one there is.
    oldest_first = list(reversed(unique.values()))
    ordered = sorted(oldest_first, key=lambda one: one.at)
    if not ordered:
        return 0
    found = _conversations(session, account_id, ordered)
    taken = _insert(session, account_id, ordered, found, live=live)
    if live:
        _meet_again(session, found, taken)
    search.index_messages(session, [(one.message_id, one.event.body) for one in taken])
    _expect_files(session, taken)
    opt_out.hear_keywords(session, taken)
    roll_up.add_incoming(session, taken, live=live)
    written = [one for one in taken if waiting.ends_a_wait(one.event.author, one.event.delivery)]
    lead_contact.written_elsewhere(session, [one.message_id for one in written])
    _clear_tray(session, account_id, taken)
    _note_account(session, account_id, taken)
    return len(taken)


def _clear_tray(session: Session, account_id: int, taken: Sequence[StoredEvent]) -> None:
    """What could not be read once and has come in since needs nobody's retry any more."""
    session.execute(
        sa.update(Unprocessed)
        .where(
            Unprocessed.account_id == account_id,
            Unprocessed.processed_at.is_(None),
            Unprocessed.provider_id.in_([one.event.provider_id for one in taken]),
        )
        .values(processed_at=clock.now(), raw={})
    )


def set_aside(session: Session, account_id: int, event: Unreadable) -> None:
    """Into the tray of what could not be processed, once."""
    row = {
        "account_id": account_id,
        "provider_id": text.storable(event.provider_id),
        "raw": event.raw,
        "reason": event.reason,
        "at": clock.now(),
    }
    session.execute(db.insert(session, Unprocessed).values(**row).on_conflict_do_nothing())


@dataclass(frozen=True)
class _Known:
    """Somebody who has a conversation."""

    profile_name: str
    is_nobody: bool  # belongs to no record, and staff have not said that it need not
    conversation: Conversation


def _conversations(session: Session, account_id: int, events: Sequence[Inbound]) -> dict[str, _Known]:
    """Conversations by the person's external id, made where somebody is new, and held until the transaction ends.

    Locks are taken in one order (conversations, people, then the tallies that a new conversation changes), so that
    two workers with overlapping pages wait for each other and never block each other.
    """
    first = {event.person: event for event in reversed(events)}
    known = _hold(session, account_id, list(first))
    fresh = sorted(set(first) - set(known))
    if fresh:
        _take_over_prepared(session, account_id, [first[person] for person in fresh])
        identities = _identities(session, account_id, [first[person] for person in fresh])
        known |= _hold(session, account_id, fresh)
        _start(session, [one for one in identities if one.external_id not in known], first)
        known |= _hold(session, account_id, [person for person in fresh if person not in known])
    names = {event.person: event.profile_name for event in events if event.profile_name}
    for person, name in names.items():
        _learn_name(session, known[person], name)
    return known


_NOBODY = sa.and_(Identity.patient_id.is_(None), Identity.lead_id.is_(None), ~Identity.not_a_lead)


def _hold(session: Session, account_id: int, people: Sequence[str]) -> dict[str, _Known]:
    if not people:
        return {}
    rows = session.execute(_HELD, {"account": account_id, "people": people})
    return {person: _Known(name, nobody, conversation) for person, name, nobody, conversation in rows}


_HELD = (
    sa.select(Identity.external_id, Identity.profile_name, _NOBODY, Conversation)
    .join(Conversation, Conversation.identity_id == Identity.id)
    .where(
        Identity.account_id == sa.bindparam("account"),
        Identity.external_id.in_(sa.bindparam("people", expanding=True)),
    )
    .order_by(Conversation.id)
    .with_for_update(of=Conversation)
    .execution_options(populate_existing=True)
)


def _take_over_prepared(session: Session, account_id: int, firsts: Sequence[Inbound]) -> None:
    """Staff may have begun a conversation under another spelling of the number than the channel's own."""
    kind = _kind_of(session, account_id)
    for event in firsts:
        phone = kind.phone_of(event.person)
        prepared = same_person.find_identity(session, account_id, phone, prepared=True) if phone else None
        if prepared:
            prepared.external_id, prepared.phone = event.person, phone
            roll_up.rename(session, [prepared])


def _identities(session: Session, account_id: int, firsts: Sequence[Inbound]) -> Sequence[Identity]:
    """Of people who write for the first time, in the order of their external ids."""
    kind = _kind_of(session, account_id)
    rows = [
        {
            "account_id": account_id,
            "external_id": event.person,
            "profile_name": event.profile_name,
            "phone": kind.phone_of(event.person),
        }
        for event in firsts
    ]
    # Another worker may be storing the same person's first message: whoever comes second uses the first one's row.
    db.insert_all(session, Identity, rows, once=("account_id", "external_id"))
    people = [event.person for event in firsts]
    return session.scalars(
        sa.select(Identity)
        .where(Identity.account_id == account_id, Identity.external_id.in_(people))
        .order_by(Identity.external_id)
        .with_for_update()
    ).all()


def _start(session: Session, identities: Sequence[Identity], first: dict[str, Inbound]) -> None:
    """Conversations with people who write for the first time."""
    strangers = [one for one in identities if one.patient_id is None and one.lead_id is None]
    match_people(session, strangers, {person: event.at for person, event in first.items()})
    roll_up.create(session, identities, {one.id: first[one.external_id].at for one in identities})


def match_people(session: Session, identities: Sequence[Identity], since: Mapping[str, datetime]) -> None:
    """Gives each address to the person of its phone, else to a new lead, who is known `since` then (by external id)."""
    owners = same_person.hold_owners(session, [identity.phone for identity in identities])
    unknown = []
    for identity in identities:
        owner = owners[identity.phone]
        identity.patient_id, identity.lead_id = owner.patient_id, owner.lead_id
        if not owner.is_known:
            unknown.append(identity)
    _add_leads(session, unknown, since)


def _kind_of(session: Session, account_id: int) -> type[Channel]:
    return registry.kind(session.get_one(ChannelAccount, account_id).channel)


def _meet_again(session: Session, found: dict[str, _Known], taken: Sequence[StoredEvent]) -> None:
    """Whose lead was deleted is nobody's: a new message is matched anew, unless staff said that it is no lead."""
    wrote = {one.event.person: one.event.at for one in reversed(taken) if not one.event.outbound}
    nobody_s = sorted(found[person].conversation.identity_id for person in wrote if found[person].is_nobody)
    if not nobody_s:
        return
    strangers = [session.get_one(Identity, number) for number in nobody_s]
    match_people(session, strangers, wrote)
    roll_up.rename(session, strangers)


def _add_leads(session: Session, identities: Sequence[Identity], since: Mapping[str, datetime]) -> None:
    if not identities:
        return
    source = LeadSource(_kind_of(session, identities[0].account_id).lead_source)
    groups = same_person.group_by_phone(identities)
    new_leads = [
        NewLead(
            LeadFields(group[0].profile_name, phone_number=group[0].phone or "", source=source),
            since[group[0].external_id],
            by_itself=True,
        )
        for group in groups
    ]
    for group, lead_id in zip(groups, records.store(session, new_leads), strict=True):
        for identity in group:
            identity.lead_id = lead_id


def _learn_name(session: Session, known: _Known, name: str) -> None:
    """A profile name replaces a placeholder, never a name that staff typed."""
    if known.profile_name == name:
        return
    identity = session.get_one(Identity, known.conversation.identity_id)
    identity.profile_name = name
    lead = session.get(Lead, identity.lead_id) if identity.lead_id else None
    if lead and not lead.name_typed:
        lead.first_name, lead.last_name = name, ""
        lead.changed_at = clock.now()
        records.reindex(session, lead)
        theirs = sa.select(Identity).where(Identity.lead_id == lead.id).order_by(Identity.id)
        roll_up.rename(session, session.scalars(theirs).all())
        return
    roll_up.rename(session, [identity])


def _insert(
    session: Session,
    account_id: int,
    events: Sequence[Inbound],
    found: dict[str, _Known],
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
