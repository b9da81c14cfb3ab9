"""Which leads are ticked in the table, on all of its pages.

The browser and the server can change the selection at the same moment: a person ticks rows while a filter or "Clear
selection" empties it. Each change by the server starts a new round, and ticks of an older round are ignored.
"""

from collections.abc import Collection
from datetime import datetime

import streamlit as st

from genko import clock
from genko.leads import filters
from genko.leads.filters import LeadFilter
from pages.parts.kit import context
from pages.parts.leads.table import Chosen, Ticked

# Keys in the session state.
_SEEN_AT = "leads-chosen"  # by the id of each ticked lead: when somebody here has seen it last
_DRAWN_AT = "leads-chosen-drawn"
_FILTER = "leads-chosen-under"
_ROUND = "leads-chosen-round"  # how often the server has changed the selection
_LATEST_TICK = "leads-chosen-heard"  # the number of the browser's latest tick


def ids() -> list[int]:
    return list(seen_at())


def seen_at() -> dict[int, datetime]:
    """By the lead's id. A lead that a colleague has moved after that time is not moved along with the others."""
    return dict(st.session_state.get(_SEEN_AT, {}))


def note_moved(moved: Collection[int]) -> None:
    """The person here has just moved these leads, so their newest state is known."""
    now = clock.now()
    st.session_state[_SEEN_AT] = {
        lead_id: now if lead_id in moved else at for lead_id, at in seen_at().items()
    }


def replace(lead_ids: list[int], at: datetime) -> None:
    """Selects these leads as they were `at` that time, in a new round."""
    st.session_state[_SEEN_AT] = dict.fromkeys(lead_ids, at)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def clear() -> None:
    replace([], clock.now())


def take_ticks(ticked: Ticked) -> None:
    """What was ticked and unticked in the browser since it was heard last."""
    if ticked.round == st.session_state.get(_ROUND, 0):
        changed = {*ticked.on, *ticked.off}
        unchanged = {lead_id: at for lead_id, at in seen_at().items() if lead_id not in changed}
        st.session_state[_SEEN_AT] = unchanged | dict.fromkeys(ticked.on, ticked.seen_at)
    st.session_state[_LATEST_TICK] = ticked.turn


def on_page(lead_ids: list[int]) -> Chosen:
    """What is ticked among the leads of the page that is drawn now, and so seen now."""
    before = seen_at()
    chosen = [lead_id for lead_id in lead_ids if lead_id in before]
    st.session_state[_SEEN_AT] = before | dict.fromkeys(chosen, st.session_state[_DRAWN_AT])
    return Chosen(chosen, st.session_state.get(_ROUND, 0), st.session_state.get(_LATEST_TICK, 0))


def drop_hidden(lead_filter: LeadFilter, now: datetime) -> None:
    """Call it before the table is read. Only what the filter shows stays ticked; another filter clears the selection."""
    if st.session_state.get(_FILTER, lead_filter) != lead_filter:
        clear()
    st.session_state[_FILTER], st.session_state[_DRAWN_AT] = lead_filter, now
    if before := seen_at():
        with context.database().reading() as session:
            shown = filters.left(session, list(before), lead_filter, now)
        st.session_state[_SEEN_AT] = {lead_id: before[lead_id] for lead_id in shown}
