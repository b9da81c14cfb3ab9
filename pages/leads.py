"""Leads: a table or a board of them."""

import streamlit as st

from genko.access.models import Role
from genko.access.sessions import SignedIn
from pages.parts import address, asking, here, lead_bulk, lead_filters, leads_pane, pulse, stored
from pages.parts.act import show_problem
from pages.parts.asking import Dialog
from pages.parts.lead_board import draw_board
from pages.parts.lead_filters import View

_MENUS = "lead-menus"
_VIEWS = {one: one.capitalize() for one in View}


def _head(visitor: SignedIn, view: View) -> None:
    with st.container(key="lead-head", horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.subheader("Leads", width="stretch", anchor=False)
        stored.segments("View", _VIEWS, view, _choose_view, key="lead-view")
        if visitor.role is Role.VIEWER:
            return
        with st.popover("More", icon=":material/more_horiz:", help="Import and export", key=f"lead-more-{st.session_state.get(_MENUS, 0)}"):  # fmt: skip
            st.button("Import…", icon=":material/upload:", key="lead-import", type="tertiary", on_click=_import)  # fmt: skip
            wanted = lead_filters.wanted()
            st.download_button(
                "Export what is filtered", lead_bulk.exporter(lambda: lead_bulk.find_all(wanted)),
                file_name=lead_bulk.file_name(), mime="text/csv", icon=":material/download:", on_click="ignore",
                key="lead-export", type="tertiary",
            )  # fmt: skip
        st.button(
            "Add lead",
            icon=":material/add:",
            type="primary",
            key="lead-add",
            on_click=asking.ask,
            args=(Dialog.ADD_LEAD,),
        )


def _import() -> None:
    """A new menu in place of the open one, which would lie over the dialog."""
    st.session_state[_MENUS] = st.session_state.get(_MENUS, 0) + 1
    asking.ask(Dialog.IMPORT_LEADS)


def _choose_view(chosen: View) -> None:
    address.put("view", None if chosen is View.TABLE else chosen)


visitor = here.me()
pulse.remember()

view = lead_filters.view()
with st.container(key="leads"):
    _head(visitor, view)
    lead_filters.draw()
    show_problem(lead_bulk.PLACE)
    wanted = lead_filters.wanted()
    if view is View.BOARD:
        draw_board(wanted, can_edit=visitor.role is not Role.VIEWER)
    else:
        leads_pane.draw(visitor, wanted)
