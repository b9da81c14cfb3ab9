"""The one way in: polling, webhooks, history and echoes all end here."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from genko.access.error_location import where
from genko.channels.events import Change, Event, Inbound, Unreadable
from genko.channels.models import ChannelAccount
from genko.db import Database, DatabaseDown
from genko.messages import early_changes, echoes, incoming, message_changes, set_aside

_JUST_BEFORE = timedelta(hours=1)  # what came this shortly before the connection is waited for as well

log = logging.getLogger("genko.take_in")


def take_in(database: Database, account_id: int, events: Sequence[Event], *, history: bool = False) -> int:
    """Stores what happened on one account; how many messages and records were new, and how many were changed.

    Events may come in any order and any number of times. Messages are stored first, and in a transaction of their own:
    they lock conversations before messages, changes lock messages before conversations.

    Messages from before the connection, and all of them with `history`, open nothing and nobody has to read them.
    """
    events = [incoming.storable(event) for event in events]
    listed = [event for event in events if isinstance(event, Inbound | Unreadable)]
    changes = [event for event in events if not isinstance(event, Inbound | Unreadable)]
    new = _take_in_messages(database, account_id, listed, history=history) if listed else 0
    if new:
        apply_kept_changes(database, account_id)
    return new + (_take_in_changes(database, account_id, changes) if changes else 0)


def live_since(connected_at: datetime) -> datetime:
    """What is older is history."""
    return connected_at - _JUST_BEFORE


def _take_in_messages(
    database: Database, account_id: int, listed: Sequence[Inbound | Unreadable], *, history: bool
) -> int:
    with database.reading() as session:
        fresh = incoming.find_new(session, account_id, listed)
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
            set_aside.keep(session, account_id, event)
    new = incoming.receive(session, account_id, older, live=False)
    new += incoming.receive(session, account_id, live)
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
            new += set_aside.keep_fault(database, account_id, event.provider_id, event.raw, error)
    return new


def _take_in_changes(database: Database, account_id: int, changes: Sequence[Change]) -> int:
    try:
        return database.attempt(lambda session: message_changes.apply(session, account_id, changes))
    except DatabaseDown:
        raise
    except Exception:  # noqa: BLE001 - one change that cannot be applied must not keep the others out
        return sum(_change_singly(database, account_id, change) for change in changes)


def apply_kept_changes(database: Database, account_id: int | None = None) -> None:
    """Applies the changes that came before their messages, of one account or of all.

    The worker does it now and then as well: a message and its change can come in at the same moment, by two workers that
    do not see each other's row yet.
    """
    with database.reading() as session:  # nearly always there are none, and SQLite has one writer
        account_ids = early_changes.find_accounts(session)
    for each_id in account_ids:
        if account_id in {None, each_id}:
            _apply_kept(database, each_id)


def _apply_kept(database: Database, account_id: int) -> None:
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
        return set_aside.keep_fault(database, account_id, name, asdict(change), error)
