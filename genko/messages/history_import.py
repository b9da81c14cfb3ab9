"""Imports what was written before an account was connected, when an administrator asks for it."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.access import audit, roles
from genko.access.models import Role
from genko.channels import registry
from genko.channels.accounts import Connector, Due, connected, find_due
from genko.channels.capabilities import History
from genko.channels.events import Unreadable
from genko.channels.models import ChannelAccount, HistoryImport
from genko.db import Database
from genko.errors import Refused
from genko.messages.fetch import refuse_circle
from genko.messages.take_in import take_in
from genko.worker_leases import Checkpoint, never_stops

_STEP = timedelta(days=1)
LONGEST_DAYS = 365


def start_history(session: Session, account_id: int, days: int, *, by: int) -> None:
    """Asks the worker for the messages of the last `days` days before the connection. Goes on where it was stopped."""
    roles.require(session, by, Role.ADMIN)
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(f"Choose between 1 and {LONGEST_DAYS} days.")
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
    first = max(until - _STEP, since)
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
        refuse_circle(page, seen)
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
