"""The conversation list. Everything that a row shows stands on the conversation: no query per row, never an OFFSET."""

from genko.messages.inbox.counts import count_tabs, count_waiting
from genko.messages.inbox.filters import InboxFilter, Order, Tab
from genko.messages.inbox.page import PAGE, InboxPage, find_page
from genko.messages.inbox.rows import ConversationRow

__all__ = [
    "PAGE",
    "ConversationRow",
    "InboxFilter",
    "InboxPage",
    "Order",
    "Tab",
    "count_tabs",
    "count_waiting",
    "find_page",
]
