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
        refuse_circle(page, seen)
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


def refuse_circle(page: str | None, seen: set[str | None]) -> None:
    if page in seen:
        raise ChannelError("The provider's list does not end.", Trouble.BUSY)
    seen.add(page)
