"""How many conversations each tab lists, and how many wait for us."""

from collections import Counter
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.messages.inbox.filters import InboxFilter, Tab
from genko.messages.models import Conversation, ConversationStatus, ConversationTally

_WAITING = sa.select(sa.func.count()).where(Conversation.waiting_since.is_not(None))


def count_tabs(session: Session, chosen: InboxFilter) -> tuple[int, int]:
    """Active and closed conversations under the filter, without its search and need."""
    statement = _stored_counts(chosen.tab, chosen.status, chosen.account_id is not None)
    active, closed = session.execute(statement, {"account_id": chosen.account_id}).one()
    return active, closed


def count_waiting(session: Session) -> int:
    """Conversations in which somebody waits for us."""
    return session.execute(_WAITING).scalar_one()


def count_matches(statuses: Counter[ConversationStatus], chosen: InboxFilter) -> tuple[int, int]:
    """Active and closed among conversations that a search found."""
    active = statuses.total() - statuses[ConversationStatus.RESOLVED]
    if chosen.tab is Tab.ACTIVE and chosen.status:
        active = statuses[chosen.status] if chosen.status is not ConversationStatus.RESOLVED else 0
    return active, statuses[ConversationStatus.RESOLVED]


@cache
def _stored_counts(tab: Tab, status: ConversationStatus | None, of_account: bool) -> sa.Select[int, int]:
    return sa.select(*stored_counts(tab, status, of_account=of_account))


def stored_counts(
    tab: Tab, status: ConversationStatus | None, *, of_account: bool
) -> tuple[sa.ColumnElement[int], sa.ColumnElement[int]]:
    """Columns with the counts of both tabs, from the counts that the roll-up keeps. One parameter: `account_id`."""
    is_closed = ConversationTally.status == ConversationStatus.RESOLVED
    is_active = ConversationTally.status == status if tab is Tab.ACTIVE and status else ~is_closed
    total = sa.select(
        sa.cast(sa.func.coalesce(sa.func.sum(ConversationTally.conversations), 0), sa.BigInteger)
    )
    if of_account:
        total = total.where(ConversationTally.account_id == sa.bindparam("account_id"))
    return (
        total.where(is_active).scalar_subquery().label("active"),
        total.where(is_closed).scalar_subquery().label("closed"),
    )
