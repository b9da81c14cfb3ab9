"""Which leads are ticked in the table, on whichever of its pages."""

from datetime import datetime

import streamlit as st

from genko.leads import filters
from genko.leads.filters import LeadFilter
from pages.parts import here
from pages.parts.lead_table import Chosen, Ticked

_IDS = "leads-chosen"
_UNDER = "leads-chosen-under"  # the filter
_ROUND = "leads-chosen-round"  # how often the choice was changed here and not by ticking
_HEARD = "leads-chosen-heard"  # the browser's latest tick


def ids() -> list[int]:
    return list(st.session_state.get(_IDS, ()))


def put(chosen: list[int]) -> None:
    """What was ticked before the browser heard of this is too late."""
    st.session_state[_IDS] = chosen
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def clear() -> None:
    put([])


def hear(said: Ticked) -> None:
    """What the browser ticked and unticked since it last heard from here."""
    if said.round == st.session_state.get(_ROUND, 0):
        others = [one for one in ids() if one not in {*said.on, *said.off}]
        st.session_state[_IDS] = [*others, *said.on]
    st.session_state[_HEARD] = said.turn


def on_page(shown: list[int]) -> Chosen:
    chosen = set(ids())
    there = [one for one in shown if one in chosen]
    return Chosen(there, st.session_state.get(_ROUND, 0), st.session_state.get(_HEARD, 0))


def see(wanted: LeadFilter, now: datetime) -> None:
    """Before the table is drawn. Nothing stays ticked that another filter may hide, or that has left this one."""
    if st.session_state.get(_UNDER, wanted) != wanted:
        clear()
    st.session_state[_UNDER] = wanted
    if chosen := ids():
        with here.database().reading() as session:
            st.session_state[_IDS] = filters.left(session, chosen, wanted, now)
