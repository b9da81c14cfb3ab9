"""Which dialog is open. It is drawn in every run until it is closed: news on the screen must not close it."""

from collections.abc import Callable, Mapping

import streamlit as st

_ASKED = "asked"


def ask(what: str, *about: int) -> None:
    """For callbacks: the run that follows opens it."""
    st.session_state[_ASKED] = (what, about)


def close() -> None:
    st.session_state.pop(_ASKED, None)


def draw(dialogs: Mapping[str, Callable[..., None]]) -> None:
    """Once in a run, by the page whose dialogs these are."""
    what, about = st.session_state.get(_ASKED, ("", ()))
    if what in dialogs:
        dialogs[what](*about)
    else:
        close()
