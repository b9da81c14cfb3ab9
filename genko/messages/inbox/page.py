"""One page of the list with the counts of both tabs."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from genko import text
from genko.messages.inbox.counts import count_matches, count_tabs
from genko.messages.inbox.filters import InboxFilter, Order
from genko.messages.inbox.matches import excerpt, find_matches
from genko.messages.inbox.rows import ConversationRow, drawn, find_rows

PAGE = 50  # rows


@dataclass(frozen=True)
class InboxPage:
    rows: list[ConversationRow]
    more: bool
    active: int
    closed: int


def find_page(session: Session, chosen: InboxFilter, *, by: int, at: datetime, rows: int = PAGE) -> InboxPage:
    """The first `rows` conversations and the counts of both tabs under the same filter."""
    if chosen.searches:
        return _matching_page(session, chosen, by=by, at=at, limit=rows)
    stored = find_rows(session, chosen, by, rows + 1)
    first = stored[0] if stored else None
    if first is None or first.active is None or first.closed is None:
        active, closed = count_tabs(session, chosen)
    else:
        active, closed = first.active, first.closed
    return InboxPage([drawn(row, at) for row in stored[:rows]], len(stored) > rows, active, closed)


def _matching_page(session: Session, chosen: InboxFilter, *, by: int, at: datetime, limit: int) -> InboxPage:
    """Both tabs are searched, so that their counts show where the matches are."""
    matches = find_matches(session, chosen, at)
    order = Order.ACTIVITY if chosen.search.strip() else chosen.order
    stored = find_rows(session, replace(chosen, order=order), by, limit + 1, matches.statuses)
    words = text.words(chosen.search)
    rows = []
    for row in stored[:limit]:
        said = matches.texts.get(row.id)
        rows.append(drawn(row, at, excerpt(said, words) if said is not None else None))
    active, closed = count_matches(Counter(matches.statuses.values()), chosen)
    return InboxPage(rows, len(stored) > limit, active, closed)
