"""Inputs that show what the database holds, and report what a person chooses instead.

A browser sends the values of all inputs with every event. One that has not heard yet of a new stored value sends the
old one, which Streamlit takes for a choice: it would undo what a colleague has just set. So the key of such an input
names the value it was drawn with, and that value coming back is no choice.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

import streamlit as st

_T = TypeVar("_T")


def select(
    label: str,
    options: Mapping[_T, str],
    stored: _T,
    choose: Callable[[_T], object],
    *,
    key: str,
    width: int,  # pixels
    disabled: bool = False,
) -> None:
    st.selectbox(
        label, list(options), key=_key(key, stored), format_func=options.__getitem__, label_visibility="collapsed",
        width=width, disabled=disabled, on_change=_chosen, args=(_key(key, stored), stored, choose),
    )  # fmt: skip


def toggle(
    label: str,
    stored: bool,
    choose: Callable[[bool], object],
    *,
    key: str,
    help: str | None = None,  # noqa: A002 - Streamlit's word
    disabled: bool = False,
) -> None:
    st.toggle(
        label, key=_key(key, stored), help=help, width="content", disabled=disabled,
        on_change=_turned, args=(stored, choose),
    )  # fmt: skip


def _key(key: str, stored: object) -> str:
    name = f"{key}-{stored}"
    st.session_state[name] = stored
    return name


def _turned(stored: bool, choose: Callable[[bool], object]) -> None:
    """Without a look at the session state, at which Streamlit ends a callback when the next click is there."""
    choose(not stored)


def _chosen(name: str, stored: _T, choose: Callable[[_T], object]) -> None:
    chosen = st.session_state[name]
    if chosen != stored:
        choose(chosen)
