"""Inputs that show what is stored, in the database or in the address, and report what a person chooses instead.

A browser sends the values of all inputs with every event. One that has not heard yet of a new stored value sends the
old one, which Streamlit takes for a choice: it would undo what a colleague or another button has just set. So such an
input gets a new key whenever anything but itself has changed what it shows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import streamlit as st

_T = TypeVar("_T")
_NOT_DRAWN = object()


def select(
    label: str,
    options: Mapping[_T, str],
    stored: _T,
    choose: Callable[[_T], object],
    *,
    key: str,
    width: int | Literal["stretch"] = "stretch",  # pixels
    disabled: bool = False,
) -> None:
    name = key_of(key, stored)
    st.selectbox(
        label, list(options), key=name, format_func=options.__getitem__, label_visibility="collapsed",
        width=width, disabled=disabled, on_change=chosen, args=(name, choose),
    )  # fmt: skip


def segments(
    label: str,
    options: Mapping[_T, str],
    stored: _T,
    choose: Callable[[_T], object],
    *,
    key: str,
    width: Literal["content", "stretch"] = "content",
) -> None:
    name = key_of(key, stored)
    st.segmented_control(
        label, list(options), key=name, format_func=options.__getitem__, label_visibility="collapsed",
        required=True, width=width, on_change=chosen, args=(name, choose),
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
    name = key_of(key, stored)
    st.toggle(
        label, key=name, help=help, width="content", disabled=disabled, on_change=chosen, args=(name, choose)
    )


def key_of(name: str, stored: object) -> str:
    """The key under which the input of that name is drawn with the stored value."""
    inputs = _inputs()
    key = f"{name}-{inputs.turns.get(name, 0)}"
    if st.session_state.get(key, _NOT_DRAWN) != stored:
        inputs.turns[name] = inputs.turns.get(name, 0) + 1
        key = f"{name}-{inputs.turns[name]}"
    # In every run: of two that come together, the browser may draw the second one only.
    st.session_state[key] = inputs.known[key] = stored
    return key


def chosen(key: str, choose: Callable[[Any], object]) -> None:
    """To be called when the input of that key changes. Streamlit reports the old value of one that it has replaced too."""
    inputs, value = _inputs(), st.session_state[key]
    if value != inputs.known.get(key, value):
        inputs.known[key] = value
        choose(value)


@dataclass
class _Inputs:
    turns: dict[str, int] = field(default_factory=dict)  # the number in the key, by the input's name
    known: dict[str, object] = field(default_factory=dict)  # what the browser has shown or sent, by key


def _inputs() -> _Inputs:
    inputs: _Inputs = st.session_state.setdefault("stored-inputs", _Inputs())
    return inputs
