"""What the list can be narrowed by."""

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from genko.messages.models import Conversation, ConversationStatus
from genko.messages.needs_attention import Need

_OPEN = sa.text("conversation.status <> 'resolved'")  # literal, so that the partial index serves it


class Tab(StrEnum):
    ACTIVE = "active"
    CLOSED = "closed"


class Order(StrEnum):
    ACTIVITY = "activity"
    WAITING = "waiting"


@dataclass(frozen=True)
class InboxFilter:
    tab: Tab = Tab.ACTIVE
    status: ConversationStatus | None = None
    account_id: int | None = None
    order: Order = Order.ACTIVITY
    search: str = ""
    need: Need | None = None

    @property
    def searches(self) -> bool:
        return bool(self.need or self.search.strip())


def in_tab(tab: Tab, status: ConversationStatus | None) -> sa.ColumnElement[bool] | sa.TextClause:
    """Inside the active tab the status narrows further."""
    if tab is Tab.CLOSED:
        return Conversation.status == ConversationStatus.RESOLVED
    if status in {ConversationStatus.ACTIVE, ConversationStatus.PENDING}:
        return Conversation.status == status
    return _OPEN
