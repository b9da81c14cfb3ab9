"""The table's side of the Leads screen: bulk bar, grid, pages."""

import streamlit as st

from genko import clock
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.leads.filters import LeadFilter
from pages.parts.kit import context, dialog_state, pager
from pages.parts.kit.dialog_state import Dialog
from pages.parts.leads import bulk, filters, selection, table_feed
from pages.parts.leads.table import TableSource, lead_table
from pages.parts.leads.table_feed import TablePlace


def draw(visitor: SignedIn, wanted: LeadFilter) -> None:
    now = clock.now()
    sort, falling = filters.order()
    place = TablePlace(sort, falling, pager.current_page())
    selection.drop_hidden(wanted, now)
    with context.database().reading() as session:
        found = table_feed.read_page(session, wanted, place, now)
        payload = table_feed.table_payload(session, found, now)
    if selection.ids():
        bulk.draw(wanted, found.total)
    elif found.total and visitor.role is not Role.VIEWER:
        bulk.draw_hint()
    if not found.total:
        _empty(wanted)
    lead_table(
        payload,
        TableSource(table_feed.address(wanted, place), wanted.search, now.isoformat()),
        sort=sort,
        descending=falling,
        chosen=selection.on_page([row.id for row in found.rows]),
        can_edit=visitor.role is not Role.VIEWER,
        may_run=dialog_state.current_dialog() is None,
        on_sort=filters.sort_by,
        on_tick=selection.take_ticks,
        on_act=lambda what, lead_id: dialog_state.open_dialog(Dialog(what), lead_id),
    )
    if found.total:
        pager.draw(found, "lead-page")


def _empty(wanted: LeadFilter) -> None:
    with st.container(key="lead-empty", horizontal_alignment="center"):
        if filters.is_filtered(wanted):
            st.markdown("**Nobody matches**", width="content")
            st.button("Clear search and filters", key="lead-clear-empty", on_click=filters.clear)
        else:
            st.markdown("**No leads yet**", width="content")
            st.caption(
                "Who writes for the first time appears here by itself. Add others by hand or import a file.",
                width="content",
            )
