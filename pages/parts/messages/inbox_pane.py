"""The left pane: search, tabs, filters and the list of conversations."""

from dataclasses import replace

import streamlit as st

from genko import clock
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.channels.accounts import Account, find_accounts
from genko.messages import inbox
from genko.messages.inbox import InboxFilter, Order, Tab
from genko.messages.models import ConversationStatus
from genko.messages.needs_attention import Need
from pages.parts.kit import context, dialog_state, url_state
from pages.parts.kit.dialog_state import Dialog
from pages.parts.kit.labels import STATUS
from pages.parts.messages import inbox_feed
from pages.parts.messages.list import ListSource, conversation_list
from pages.parts.messages.tabs import draw_tabs
from pages.parts.streamlit import stored_inputs
from pages.parts.streamlit.distinct_labels import distinct

_ROWS = "rows_shown"
_ALL = "all"
_STATUS_LABELS: dict[str, str] = {
    _ALL: "All",
    **{status: words for status, words in STATUS.items()},
    Need.WAITING: "🕓 Waiting for us",
    Need.UNSENT: "❗ Not sent",
    Need.CLOSING: "⏳ Closing soon",
}
_ORDER_LABELS = {Order.ACTIVITY: "Latest", Order.WAITING: "Longest wait"}


def draw(visitor: SignedIn) -> bool:
    """Whether there are any conversations under this filter."""
    wanted, now = url_state.inbox_filter(), clock.now()
    _start_over_when_changed(wanted)
    rows = st.session_state[_ROWS]
    with context.database().reading() as session:
        accounts = find_accounts(session)
        found = inbox_feed.read_inbox(session, wanted, by=visitor.staff_id, at=now, rows=rows)
    source = ListSource(inbox_feed.address(wanted, rows), wanted.search, now.isoformat())
    active, closed = found["active"], found["closed"]
    with st.container(key="list-tools", gap="xsmall"):
        _search_row(visitor)
        draw_tabs(wanted.tab, active=active, closed=closed, read_at=source.read_at, on_choose=_go_to)
        _filters(accounts, wanted)
    with st.container(key="list-body"):
        conversation_list(
            found,
            source,
            selected=url_state.conversation(),
            view=repr(replace(wanted, search=wanted.search.strip())),
            key="list",
            on_open=url_state.open_conversation,
            on_more=_show_more,
            on_other_tab=_show_other_tab,
            on_clear=url_state.clear_filters,
        )
    return bool(active + closed)


def _search_row(visitor: SignedIn) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", wrap=False):
        st.text_input(
            "Search", key=url_state.SEARCH, type="search", live=True, placeholder="Name, phone or message",
            label_visibility="collapsed", icon=":material/search:",
        )  # fmt: skip
        if visitor.role is not Role.VIEWER:
            st.button(
                "New", icon=":material/add:", help="New conversation", key="new", type="primary",
                on_click=dialog_state.open_dialog, args=(Dialog.NEW_CONVERSATION,),
            )  # fmt: skip


def _start_over_when_changed(wanted: InboxFilter) -> None:
    if st.session_state.get("rows_of") != wanted:
        st.session_state["rows_of"] = wanted
        st.session_state[_ROWS] = inbox.PAGE


def _go_to(tab: Tab) -> None:
    url_state.put("tab", None if tab is Tab.ACTIVE else Tab.CLOSED)
    if tab is Tab.CLOSED:
        url_state.put("status", None)


def _filters(accounts: list[Account], wanted: InboxFilter) -> None:
    with st.container(horizontal=True, gap="xsmall", key="list-filters", wrap=False):
        shown = wanted.status if wanted.tab is Tab.ACTIVE else ConversationStatus.RESOLVED
        stored_inputs.select(
            "Show", _STATUS_LABELS, wanted.need or shown or _ALL, _choose_status, key="status"
        )
        stored_inputs.select("Order", _ORDER_LABELS, wanted.order, _choose_order, key="order")
        if len(accounts) > 1:
            labels = distinct({str(account.id): account.label for account in accounts})
            names = {_ALL: "All accounts"} | labels
            account = str(wanted.account_id)
            stored_inputs.select(
                "Account", names, account if account in names else _ALL, _choose_account, key="account"
            )


def _choose_status(chosen: str) -> None:
    """What needs a person may stand under either tab; mostly it is among the active ones."""
    needed = chosen in set(Need)
    url_state.put("need", chosen if needed else None)
    if chosen == ConversationStatus.RESOLVED:
        _go_to(Tab.CLOSED)
        return
    _go_to(Tab.ACTIVE)
    url_state.put("status", None if needed or chosen == _ALL else chosen)


def _choose_account(chosen: str) -> None:
    url_state.put("account", None if chosen == _ALL else chosen)


def _choose_order(chosen: Order) -> None:
    url_state.put("order", None if chosen is Order.ACTIVITY else chosen)


def _show_more() -> None:
    st.session_state[_ROWS] += inbox.PAGE


def _show_other_tab() -> None:
    _go_to(Tab.CLOSED if url_state.inbox_filter().tab is Tab.ACTIVE else Tab.ACTIVE)
