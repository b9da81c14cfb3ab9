"""Leads: a table or a board of them."""

import streamlit as st

from genko.access.models import Role
from genko.access.sessions import SignedIn
from pages.parts.kit import context, dialog_state, live_refresh, url_state
from pages.parts.kit.actions import show_problem
from pages.parts.kit.dialog_state import Dialog
from pages.parts.leads import bulk, filters, table_pane
from pages.parts.leads.board import draw_board
from pages.parts.leads.filters import View
from pages.parts.streamlit import stored_inputs

_MENUS = "lead-menus"
_VIEWS = {one: one.capitalize() for one in View}


def _head(visitor: SignedIn, view: View) -> None:
    with st.container(key="lead-head", horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.subheader("Leads", width="stretch", anchor=False)
        stored_inputs.segments("View", _VIEWS, view, _choose_view, key="lead-view")
        if visitor.role is Role.VIEWER:
            return
        with st.popover("More", icon=":material/more_horiz:", help="Import and export", key=f"lead-more-{st.session_state.get(_MENUS, 0)}"):  # fmt: skip
            st.button("Import…", icon=":material/upload:", key="lead-import", type="tertiary", on_click=_import)  # fmt: skip
            wanted = filters.wanted()
            st.download_button(
                "Export what is filtered", bulk.exporter(lambda: bulk.find_all(wanted)),
                file_name=bulk.file_name(), mime="text/csv", icon=":material/download:", on_click="ignore",
                key="lead-export", type="tertiary",
            )  # fmt: skip
        st.button(
            "Add lead",
            icon=":material/add:",
            type="primary",
            key="lead-add",
            on_click=dialog_state.ask,
            args=(Dialog.ADD_LEAD,),
        )


def _import() -> None:
    """A new menu in place of the open one, which would lie over the dialog."""
    st.session_state[_MENUS] = st.session_state.get(_MENUS, 0) + 1
    dialog_state.ask(Dialog.IMPORT_LEADS)


def _choose_view(chosen: View) -> None:
    url_state.put("view", None if chosen is View.TABLE else chosen)


visitor = context.me()
live_refresh.remember()

view = filters.view()
with st.container(key="leads"):
    _head(visitor, view)
    filters.draw()
    show_problem(bulk.PLACE)
    wanted = filters.wanted()
    if view is View.BOARD:
        draw_board(wanted, can_edit=visitor.role is not Role.VIEWER)
    else:
        table_pane.draw(visitor, wanted)
