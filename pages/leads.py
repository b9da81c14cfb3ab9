"""Leads: for trying the board."""

import streamlit as st

from genko.access.models import Role
from genko.leads.filters import LeadFilter
from pages.parts import here, pulse
from pages.parts.lead_board import draw_board

visitor = here.me()
pulse.remember()


def _tell(what: str, lead_id: int) -> None:
    st.toast(f"{what} {lead_id}")


st.text_input("Search", key="lead_search", live=True, label_visibility="collapsed", placeholder="Search")
draw_board(
    LeadFilter(search=str(st.session_state.get("lead_search") or "")),
    can_edit=visitor.role is not Role.VIEWER,
    on_edit=lambda lead_id: _tell("edit", lead_id),
    on_message=lambda lead_id: _tell("message", lead_id),
    on_convert=lambda lead_id: _tell("convert", lead_id),
    on_delete=lambda lead_id: _tell("delete", lead_id),
)
