"""Brings in what providers list: new messages every few seconds, a wide sweep now and then, history on request."""

from datetime import datetime

from genko.channels.accounts import Connector, Due, note_success
from genko.channels.base import ChannelError, Trouble
from genko.channels.capabilities import Polling
from genko.channels.channel import Channel
from genko.channels.events import Inbound, Page
from genko.channels.models import ChannelAccount
from genko.db import Database
from genko.messages.take_in import take_in
from genko.worker_leases import Checkpoint, never_stops

_QUICK_PAGE = 50
_SWEEP_PAGE = 1000


def fetch(
    database: Database,
    connector: Connector,
    due: Due,
    *,
    sweep: bool,
    checkpoint: Checkpoint = never_stops,
) -> int:
    """Takes in the new messages of one account; how many were new.

    The quick look ends at the first page without a new message. The sweep reads every page of the overlap, whatever
    the order of the list, and only then moves the cursor up to which everything is here. The cursor is the provider's
    time, so that nothing is skipped when our own clock is wrong.
    """
    channel = connector.channel(due)
    if not isinstance(channel, Polling):
        _check(database, channel, due)
        return 0
    since = due.fetched_until - channel.fetch_overlap
    new, page, seen = 0, None, set[str | None]()
    listed_at = cursor = None
    while True:
        refuse_circle(page, seen)
        checkpoint()
        answer = channel.fetch(since, page, size=_SWEEP_PAGE if sweep else _QUICK_PAGE)
        listed_at = listed_at or answer.listed_at
        cursor = cursor or listed_at or _newest(answer)
        new_count = take_in(database, due.id, answer.events)
        new += new_count
        page = answer.next
        if page is None or (not sweep and new_count == 0):
            break
    if due.well and not sweep:
        return new
    with database.transaction() as session:
        note_success(session, due.id, sealed=due.sealed)
        if sweep:
            _move_cursor(session.get_one(ChannelAccount, due.id), cursor, listed_at)
    return new


def _check(database: Database, channel: Channel, due: Due) -> None:
    """In place of a look for messages: an account that was in trouble is well again when its credentials work."""
    channel.check()
    with database.transaction() as session:
        note_success(session, due.id, sealed=due.sealed)


def _move_cursor(account: ChannelAccount, cursor: datetime | None, listed_at: datetime | None) -> None:
    account.fetched_until = cursor or account.fetched_until
    # The account was connected while our clock was ahead: without this, new messages would pass for history.
    account.created_at = min(account.created_at, listed_at or account.created_at)


def _newest(page: Page) -> datetime | None:
    return max((event.at for event in page.events if isinstance(event, Inbound)), default=None)


def refuse_circle(page: str | None, seen: set[str | None]) -> None:
    if page in seen:
        raise ChannelError("The provider's list does not end.", Trouble.BUSY)
    seen.add(page)
