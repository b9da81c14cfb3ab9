"""Keeps an open screen up to date, and shows that the worker is alive.

A tiny fragment asks every two seconds whether anything is newer; only then, and once a minute, is the page drawn again.
"""

from datetime import timedelta

import streamlit as st

from genko import clock, worker_leases
from genko.access.sessions import SignedIn
from genko.db import DatabaseDown, Session
from genko.leads import board
from genko.messages import inbox
from genko.worker_leases import Pulse
from pages.parts.kit import context, dialog_state, own_account
from pages.parts.kit.times import ago

_EVERY = 2.0  # seconds
_SILENT = timedelta(seconds=20)
_MARK = "change_mark"
_JUST_READ = "just_read"
_BY_TIMER = "by_timer"


def side(visitor: SignedIn) -> None:
    """The foot of the sidebar: the worker's heartbeat, who is signed in, the way out.

    Only a page that calls `remember` is drawn again by itself; forms are not touched under people's hands.
    """
    st.session_state.pop(_MARK, None)
    with st.container(key="side-foot"):
        # Still under an open dialog: of two fragments that run one right after the other, Streamlit may leave on the
        # screen what the first one has stopped drawing.
        (_watch if dialog_state.current_dialog() is None else _look)()
        own_account.menu(visitor)


def remember() -> None:
    """To be called before a live page reads: what changes after this moment draws it again.

    Not under an open dialog: drawn again, Streamlit's may shut for a moment, and with it an open list and the focus go.
    Whoever closes it draws the page.
    """
    mark, silent = st.session_state.pop(_JUST_READ, (None, ""))  # by the fragment in the sidebar, in this run
    if dialog_state.current_dialog() is None:
        st.session_state[_MARK] = (mark, bool(silent))
    if silent:
        st.error(silent, icon=":material/cloud_off:")


def caused_by_timer() -> bool:
    """Whether this run is ours: news on the screen is no sign that somebody sits before it."""
    return bool(st.session_state.pop(_BY_TIMER, False))


def _look() -> None:
    try:
        with context.database().reading() as session:
            mark, pulse = _change_mark(session), worker_leases.pulse(session)
    except DatabaseDown:
        st.caption(":material/cloud_off: Database out of reach. Trying again…")
        return
    silent = _silence(pulse)
    st.session_state[_JUST_READ] = (mark, silent)
    _show(pulse, silent)
    now = (mark, bool(silent))
    if st.session_state.get(_MARK, now) != now:
        st.session_state[_BY_TIMER] = True
        st.rerun()


_watch = st.fragment(_look, run_every=_EVERY)


def _change_mark(session: Session) -> tuple[object, ...]:
    """Leads show in conversations and conversations on leads: one mark serves every live page.

    Time changes a screen too: windows close, today becomes yesterday, a lead has waited for a day.
    """
    minute = int(clock.now().timestamp()) // 60
    return inbox.change_mark(session), board.change_mark(session), minute


def _show(pulse: Pulse, silent: str) -> None:
    if silent or pulse.at is None:
        st.caption(":red[● worker silent]")
    elif pulse.last_error:
        st.caption(f":orange[● worker: {pulse.last_error}]")
    else:
        st.caption(f":green[●] worker: {ago(pulse.at, clock.now())} ago")


def _silence(pulse: Pulse) -> str:
    """The sentence for staff when no worker lives; empty when one does."""
    now = clock.now()
    if pulse.at and now - pulse.at <= _SILENT:
        return ""
    since = f" since {pulse.at.astimezone(context.zone()):%H:%M}" if pulse.at else ""
    return f"Nothing comes in or goes out{since}: Genkō's worker is not running. Tell your administrator. What you send waits."


@st.fragment(run_every=_EVERY)
def try_again_soon() -> None:
    """Draws the page again as soon as the database answers."""
    if "waited_for_database" not in st.session_state:
        st.session_state["waited_for_database"] = True
        return
    try:
        with context.database().reading() as session:
            inbox.change_mark(session)
    except DatabaseDown:
        return
    del st.session_state["waited_for_database"]
    st.rerun()
