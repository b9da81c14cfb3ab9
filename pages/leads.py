"""Leads: a table or a board of them."""

import streamlit as st

from genko.access.models import Role
from genko.access.sessions import SignedIn
from pages.parts.kit import context, dialog_state, url_state
from pages.parts.kit.actions import show_problem
from pages.parts.kit.dialog_state import Dialog
from pages.parts.leads import bulk, export, filters, table_pane
from pages.parts.leads.board import draw_board
from pages.parts.leads.filters import View
from pages.parts.streamlit import stored_inputs

_MENU = "lead-more"
_CLOSED_COUNT = "lead-more-closed"
_VIEWS = {view: view.capitalize() for view in View}


def _head(visitor: SignedIn, view: View) -> None:
    with st.container(key="lead-head", horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.subheader("Leads", width="stretch", anchor=False)
        stored_inputs.segments("View", _VIEWS, view, _choose_view, key="lead-view")
        if visitor.role is Role.VIEWER:
            return
        _menu()
        st.button(
            "Add lead",
            icon=":material/add:",
            type="primary",
            key="lead-add",
            on_click=dialog_state.open_dialog,
            args=(Dialog.ADD_LEAD,),
        )


def _menu() -> None:
    # No `on_change`: opening the menu would run the script, and a click on "Export" in that moment is lost, because each run
    # gives the file another id.
    key = f"{_MENU}-{st.session_state.get(_CLOSED_COUNT, 0)}"
    with st.popover("More", icon=":material/more_horiz:", help="Import and export", key=key):
        st.button("Import…", icon=":material/upload:", key="lead-import", type="tertiary", on_click=_import)
        lead_filter = filters.current()
        st.download_button(
            "Export what is filtered",
            export.exporter(lambda: export.find_ids(lead_filter)),
            file_name=export.file_name(),
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="lead-export",
            type="tertiary",
        )


def _import() -> None:
    # A new key is a new menu, which is closed: the open one would lie over the dialog.
    st.session_state[_CLOSED_COUNT] = st.session_state.get(_CLOSED_COUNT, 0) + 1
    dialog_state.open_dialog(Dialog.IMPORT_LEADS)


def _choose_view(chosen: View) -> None:
    url_state.put("view", None if chosen is View.TABLE else chosen)


visitor = context.me()

view = filters.view()
with st.container(key="leads"):
    _head(visitor, view)
    filters.draw()
    show_problem(bulk.PLACE)
    lead_filter = filters.current()
    if view is View.BOARD:
        draw_board(lead_filter, can_edit=visitor.role is not Role.VIEWER)
    else:
        table_pane.draw(visitor, lead_filter)
