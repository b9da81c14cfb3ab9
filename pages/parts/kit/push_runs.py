"""Runs of the script that a push has caused: news on the screen is no sign that somebody sits before it."""

import streamlit as st

_CAUSED_BY_PUSH = "caused_by_push"
_RUNS = "this_run_is_by_push"


def note() -> None:
    """For the callback of a trigger that the browser sets by itself."""
    st.session_state[_CAUSED_BY_PUSH] = True


def begin() -> bool:
    """Once in a run, before the person is looked up: whether nobody has acted."""
    is_by_push = bool(st.session_state.pop(_CAUSED_BY_PUSH, False))
    st.session_state[_RUNS] = is_by_push
    return is_by_push


def is_by_push() -> bool:
    return bool(st.session_state.get(_RUNS, False))
