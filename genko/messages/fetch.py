"""Brings in what providers list: new messages every few seconds, a wide sweep now and then, history on request."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.access import audit, roles
from genko.access.models import Role
from genko.channels import registry
from genko.channels.accounts import Connector, Due, connected, find_due, note_success
from genko.channels.base import ChannelError, Trouble
from genko.channels.capabilities import History, Polling
from genko.channels.channel import Channel
from genko.channels.events import Inbound, Page, Unreadable
from genko.channels.models import ChannelAccount, HistoryImport
from genko.db import Database
from genko.errors import Refused
from genko.messages.take_in import take_in
from genko.worker_leases import Checkpoint, never_stops

_QUICK_PAGE = 50
_SWEEP_PAGE = 1000
_HISTORY_STEP = timedelta(days=1)
LONGEST_HISTORY_DAYS = 365


def fetch(
    database: Database,
    connector: Connector,
    due: Due,
    *,
    sweep: bool,
    checkpoint: Checkpoint = never_stops,
) -> int:
    """New messages of one account; how many were new.

    The quick look ends at the first page that holds nothing new. The sweep walks all that lies in the overlap,
    whatever the order of the list, and only then moves the mark up to which everything is here. The mark is
    the provider's time, so that nothing is skipped whatever our own clock says.
    """
    channel = connector.channel(due)
    if not isinstance(channel, Polling):
        _check(database, channel, due)
        return 0
    since = due.fetched_until - channel.fetch_overlap
    new, page, seen = 0, None, set[str | None]()
    listed_at = mark = None
    while True:
        _refuse_circle(page, seen)
        checkpoint()
        found = channel.fetch(since, page, size=_SWEEP_PAGE if sweep else _QUICK_PAGE)
        listed_at = listed_at or found.listed_at
        mark = mark or listed_at or _newest(found)
        fresh = take_in(database, due.id, found.events)
        new += fresh
        page = found.next
        if page is None or (not sweep and fresh == 0):
            break
    if due.well and not sweep:
        return new
    with database.transaction() as session:
        note_success(session, due.id, sealed=due.sealed)
        if sweep:
            _move_mark(session.get_one(ChannelAccount, due.id), mark, listed_at)
    return new


def _check(database: Database, channel: Channel, due: Due) -> None:
    """In place of a look for messages: an account that was in trouble is well again when its credentials work."""
    channel.check()
    with database.transaction() as session:
        note_success(session, due.id, sealed=due.sealed)


def _move_mark(account: ChannelAccount, mark: datetime | None, listed_at: datetime | None) -> None:
    account.fetched_until = mark or account.fetched_until
    # Connected by a clock that was ahead: else what patients write next would pass for history.
    account.created_at = min(account.created_at, listed_at or account.created_at)


def _newest(page: Page) -> datetime | None:
    return max((event.at for event in page.events if isinstance(event, Inbound)), default=None)


def _refuse_circle(page: str | None, seen: set[str | None]) -> None:
    if page in seen:
        raise ChannelError("The provider's list does not end.", Trouble.BUSY)
    seen.add(page)


def start_history(session: Session, account_id: int, days: int, *, by: int) -> None:
    """Asks the worker for the messages of the last `days` days before the connection. Goes on where it was stopped."""
    roles.require(session, by, Role.ADMIN)
    if not 1 <= days <= LONGEST_HISTORY_DAYS:
        raise Refused(f"Choose between 1 and {LONGEST_HISTORY_DAYS} days.")
    account = connected(session, account_id, lock=True)
    kind = registry.kind(account.channel)
    if not issubclass(kind, History):
        raise Refused(f"{kind.label} does not hand over what was written before the connection.")
    since = account.created_at - timedelta(days=days)
    if account.history is HistoryImport.DONE and account.history_next and since >= account.history_next:
        raise Refused("These days are here already. Choose more of them.")
    if account.history is HistoryImport.NONE or account.history_since is None:
        account.history_next, account.history_done = account.created_at, 0
    account.history_since = since
    account.history = HistoryImport.RUNNING
    audit.record(session, "history:start", by=by, subject_kind="account", subject_id=account_id)


def stop_history(session: Session, account_id: int, *, by: int) -> None:
    roles.require(session, by, Role.ADMIN)
    account = connected(session, account_id, lock=True)
    if account.history is HistoryImport.RUNNING:
        account.history = HistoryImport.STOPPED
        audit.record(session, "history:stop", by=by, subject_kind="account", subject_id=account_id)


def import_history(
    database: Database, connector: Connector, due: Due, *, checkpoint: Checkpoint = never_stops
) -> bool:
    """Imports one more day, newest first; True while there is more to do.

    A day is marked done only when all of its pages are stored, so a stop or a crash repeats at most one day,
    and repeating stores nothing twice.
    """
    with database.reading() as session:
        account = session.get_one(ChannelAccount, due.id)
        since, until = account.history_since, account.history_next
    if account.history is not HistoryImport.RUNNING or since is None or until is None:
        return False
    first = max(until - _HISTORY_STEP, since)
    channel = connector.channel(due)
    new = 0
    if isinstance(channel, History):
        new = _import_span(database, channel, due.id, first, until, checkpoint)
    with database.transaction() as session:
        account = session.get_one(ChannelAccount, due.id, with_for_update=True)
        account.history_next = first
        account.history_done += new
        if first <= since and account.history is HistoryImport.RUNNING:
            account.history = HistoryImport.DONE
        return account.history is HistoryImport.RUNNING


def _import_span(
    database: Database,
    channel: History,
    account_id: int,
    first: datetime,
    last: datetime,
    checkpoint: Checkpoint,
) -> int:
    new, page, seen = 0, None, set[str | None]()
    while True:
        _refuse_circle(page, seen)
        checkpoint()
        found = channel.history(first, last, page)
        # Whole days come back; what was written after the connection is the live path's.
        events = [event for event in found.events if isinstance(event, Unreadable) or event.at < last]
        new += take_in(database, account_id, events, history=True)
        page = found.next
        if page is None:
            return new


def find_importing(session: Session) -> list[Due]:
    """Accounts with a running import that are not backing off."""
    running = set(
        session.scalars(sa.select(ChannelAccount.id).where(ChannelAccount.history == HistoryImport.RUNNING))
    )
    return [due for due in find_due(session) if due.id in running]
