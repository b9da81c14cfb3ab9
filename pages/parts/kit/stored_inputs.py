"""Inputs that show what is stored, in the database or in the address, and report what a person chooses instead.

A browser sends the values of all inputs with every event. One that has not heard yet of a new stored value sends the
old one, which Streamlit takes for a choice: it would undo what a colleague or another button has just set. So such an
input gets a new key whenever anything but itself has changed what it shows.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal, TypeVar

import streamlit as st

_T = TypeVar("_T")
_NUMBERS = count(1)  # of the whole process: what somebody else left in a browser never looks like ours


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
    name, values = key_of(key, stored), list(options)
    st.selectbox(
        label, values, values.index(stored), key=name, format_func=options.__getitem__, label_visibility="collapsed",
        width=width, disabled=disabled, on_change=chosen, args=(name, choose, values),
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
    name, values = key_of(key, stored), list(options)
    st.segmented_control(
        label, values, default=stored, key=name, format_func=options.__getitem__, label_visibility="collapsed",
        required=True, width=width, on_change=chosen, args=(name, choose, values),
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
        label, stored, key=name, help=help, width="content", disabled=disabled,
        on_change=chosen, args=(name, choose),
    )  # fmt: skip


def key_of(name: str, stored: object, *, keep: Callable[[Any], bool] = lambda _: False) -> str:
    """The key under which the input of that name is drawn, with the stored value for its default: a value that was set in
    the session state would overwrite in the browser what was chosen there meanwhile. `keep` says what may differ.
    """
    inputs = _inputs()
    key = inputs.keys.get(name)
    if key:
        shown = st.session_state.get(key, inputs.known[key])
        if shown == stored or keep(shown):
            return key
    key = inputs.keys[name] = f"{name}-{next(_NUMBERS)}"
    inputs.known[key] = stored
    return key


def chosen(key: str, choose: Callable[[Any], object], options: Collection[Any] | None = None) -> None:
    """To be called when the input of that key changes. Streamlit reports the value of one that it has replaced as well,
    and a label that an option does not bear any more as it is."""
    known = _inputs().known
    value = st.session_state.get(key)
    if value != known.get(key, value) and (options is None or value in options):
        known[key] = value
        choose(value)


@dataclass
class _Inputs:
    keys: dict[str, str] = field(default_factory=dict)  # by the input's name
    known: dict[str, object] = field(default_factory=dict)  # what it was drawn with or has reported, by key


def _inputs() -> _Inputs:
    inputs: _Inputs = st.session_state.setdefault("stored-inputs", _Inputs())
    return inputs
