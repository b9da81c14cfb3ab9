"""Which leads are ticked in the table, on whichever of its pages."""

from collections.abc import Collection
from datetime import datetime

import streamlit as st

from genko import clock
from genko.leads import filters
from genko.leads.filters import LeadFilter
from pages.parts.kit import context
from pages.parts.leads.table import Chosen, Ticked

_SEEN = (
    "leads-chosen"  # when each of them was last seen: on the screen, or by whoever chose all or moved them
)
_DRAWN = "leads-chosen-drawn"  # when the table was
_UNDER = "leads-chosen-under"  # the filter
_ROUND = "leads-chosen-round"  # how often the choice was changed here and not by ticking
_HEARD = "leads-chosen-heard"  # the browser's latest tick


def ids() -> list[int]:
    return list(seen())


def seen() -> dict[int, datetime]:
    """What a colleague has moved since then is not moved unseen."""
    return dict(st.session_state.get(_SEEN, {}))


def see_again(moved: Collection[int]) -> None:
    """They have just been moved from here."""
    now = clock.now()
    st.session_state[_SEEN] = {one: now if one in moved else at for one, at in seen().items()}


def put(chosen: list[int], at: datetime) -> None:
    """As they were `at` that time. What was ticked before the browser heard of this is too late."""
    st.session_state[_SEEN] = dict.fromkeys(chosen, at)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def clear() -> None:
    put([], clock.now())


def hear(said: Ticked) -> None:
    """What the browser ticked and unticked since it last heard from here."""
    if said.round == st.session_state.get(_ROUND, 0):
        changed = {*said.on, *said.off}
        others = {one: at for one, at in seen().items() if one not in changed}
        st.session_state[_SEEN] = others | dict.fromkeys(said.on, st.session_state[_DRAWN])
    st.session_state[_HEARD] = said.turn


def on_page(shown: list[int]) -> Chosen:
    before = seen()
    there = [one for one in shown if one in before]
    st.session_state[_SEEN] = before | dict.fromkeys(there, st.session_state[_DRAWN])
    return Chosen(there, st.session_state.get(_ROUND, 0), st.session_state.get(_HEARD, 0))


def see(wanted: LeadFilter, now: datetime) -> None:
    """Before the table is read. Nothing stays ticked that another filter may hide, or that has left this one."""
    if st.session_state.get(_UNDER, wanted) != wanted:
        clear()
    st.session_state[_UNDER], st.session_state[_DRAWN] = wanted, now
    if before := seen():
        with context.database().reading() as session:
            left = filters.left(session, list(before), wanted, now)
        st.session_state[_SEEN] = {one: before[one] for one in left}
