"""The left pane: search, tabs, filters and the list of conversations."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from genko import clock
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.channels import registry
from genko.channels.accounts import Account, find_accounts
from genko.messages import inbox
from genko.messages.inbox import ConversationRow, InboxFilter, InboxPage, Order, Tab
from genko.messages.models import ConversationStatus
from genko.messages.needs_attention import Need
from pages.parts.kit import context, dialog_state, url_state
from pages.parts.kit.dialog_state import Dialog
from pages.parts.kit.labels import STATUS
from pages.parts.kit.times import exact, short_date
from pages.parts.messages.list import Empty, Row, conversation_list
from pages.parts.streamlit import stored_inputs
from pages.parts.streamlit.distinct_labels import distinct

_ROWS = "rows_shown"
_MOST_ROWS = 500
_ALL = "all"
_STATUS_LABELS: dict[str, str] = {
    _ALL: "All",
    **{status: words for status, words in STATUS.items()},
    Need.WAITING: "🕓 Waiting for us",
    Need.UNSENT: "❗ Not sent",
    Need.CLOSING: "⏳ Closing soon",
}
_ORDER_LABELS = {Order.ACTIVITY: "Latest", Order.WAITING: "Longest wait"}


def draw(visitor: SignedIn) -> InboxPage:
    wanted, now = url_state.inbox_filter(), clock.now()
    _start_over_when_changed(wanted)
    with context.database().reading() as session:
        accounts = find_accounts(session)
        page = inbox.find_page(session, wanted, by=visitor.staff_id, at=now, rows=st.session_state[_ROWS])
    with st.container(key="list-tools", gap="xsmall"):
        _search_row(visitor)
        _tabs(page)
        _filters(accounts, wanted)
    with st.container(key="list-body"):
        _list(page, wanted, now, accounts)
    return page


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


def _tabs(page: InboxPage) -> None:
    labels = {Tab.ACTIVE: f"Active chats  {page.active}", Tab.CLOSED: f"Closed chats  {page.closed}"}
    # A browser names what was chosen by its label: each pair of numbers is an input of its own.
    key = f"tab-{page.active}-{page.closed}"
    stored_inputs.segments("Chats", labels, url_state.inbox_filter().tab, _go_to, key=key, width="stretch")


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


def _list(page: InboxPage, wanted: InboxFilter, now: datetime, accounts: list[Account]) -> None:
    zone = context.zone()
    empty = _empty(page, wanted, accounts)
    conversation_list(
        [_row(row, now, zone) for row in page.rows],
        selected=url_state.conversation(),
        more=page.more and len(page.rows) < _MOST_ROWS,
        now=now.isoformat(),
        empty=empty,
        key="list",
        on_open=url_state.open_conversation,
        on_more=_show_more,
        on_action=_show_other_tab if _found_elsewhere(page, wanted) else url_state.clear_filters,
        view=repr(replace(wanted, search=wanted.search.strip())),
    )


def _show_more() -> None:
    st.session_state[_ROWS] += inbox.PAGE


def _found_elsewhere(page: InboxPage, wanted: InboxFilter) -> int:
    """How many conversations a search or a need found under the other tab."""
    if not wanted.searches:
        return 0
    return page.closed if wanted.tab is Tab.ACTIVE else page.active


def _show_other_tab() -> None:
    _go_to(Tab.CLOSED if url_state.inbox_filter().tab is Tab.ACTIVE else Tab.ACTIVE)


def _empty(page: InboxPage, wanted: InboxFilter, accounts: list[Account]) -> Empty:
    if elsewhere := _found_elsewhere(page, wanted):
        other = "Closed chats" if wanted.tab is Tab.ACTIVE else "Active chats"
        return Empty("Nothing here", f"{elsewhere} found under {other}.", f"Show {other}")
    if wanted.search.strip() or wanted.status or wanted.account_id or wanted.need:
        return Empty(
            "Nothing matches", "No conversation fits the search and the filters.", "Clear search and filters"
        )
    if not accounts:
        return Empty("No account is connected", registry.who_connects())
    if wanted.tab is Tab.CLOSED:
        return Empty("No closed chats", "Conversations that you close come here.")
    return Empty("All done", "New messages appear here by themselves.")


def _row(row: ConversationRow, now: datetime, zone: ZoneInfo) -> Row:
    return Row(
        id=row.id,
        name=row.name,
        preview=row.preview,
        preview_author=row.preview_author.value,
        status=row.status.value,
        priority=row.priority.value,
        ai=row.ai_enabled,
        messages=row.message_count,
        unread=row.unread,
        at=row.last_message_at.isoformat(),
        at_text=exact(row.last_message_at, zone),
        date_text=short_date(row.last_message_at, now, zone),
        waiting_since=row.waiting_since.isoformat() if row.waiting_since else None,
        channel=registry.kind(row.channel).icon,
        channel_label=row.channel_label,
        account=row.account,
        account_colour=row.account_colour,
        failed=row.failed,
        window_closes_at=row.window_closes_at.isoformat() if row.window_closes_at else None,
        match=row.match,
    )
