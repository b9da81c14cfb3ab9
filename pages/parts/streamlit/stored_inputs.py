"""Inputs that show a stored value, from the database or the address, and report what a person chooses instead.

A browser sends the values of all inputs with every event. A browser that has not heard of a new stored value yet sends
the old one, which Streamlit takes for a choice: it would undo what a colleague or another button has just set. So such
an input gets a new key whenever something else has changed the value that it shows.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal, TypeVar

import streamlit as st

_T = TypeVar("_T")
# Counted for the whole process, so that no key is equal to one that somebody else has left in the same browser.
_KEY_NUMBERS = count(1)


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
    current_key, values = key_of(key, stored), list(options)
    st.selectbox(
        label,
        values,
        values.index(stored),
        key=current_key,
        format_func=options.__getitem__,
        label_visibility="collapsed",
        width=width,
        disabled=disabled,
        on_change=report_choice,
        args=(current_key, choose, values),
    )


def segments(
    label: str,
    options: Mapping[_T, str],
    stored: _T,
    choose: Callable[[_T], object],
    *,
    key: str,
    width: Literal["content", "stretch"] = "content",
) -> None:
    current_key, values = key_of(key, stored), list(options)
    st.segmented_control(
        label,
        values,
        default=stored,
        key=current_key,
        format_func=options.__getitem__,
        label_visibility="collapsed",
        required=True,
        width=width,
        on_change=report_choice,
        args=(current_key, choose, values),
    )


def toggle(
    label: str,
    stored: bool,
    choose: Callable[[bool], object],
    *,
    key: str,
    help: str | None = None,  # noqa: A002 - Streamlit's name for it
    disabled: bool = False,
) -> None:
    current_key = key_of(key, stored)
    st.toggle(
        label,
        stored,
        key=current_key,
        help=help,
        width="content",
        disabled=disabled,
        on_change=report_choice,
        args=(current_key, choose),
    )


def key_of(name: str, stored: object, *, keep: Callable[[Any], bool] = lambda _: False) -> str:
    """The key under which the input of that name is drawn now.

    The input keeps its key while it shows the stored value, or a value that `keep` accepts, for example a half-chosen
    range of days. The stored value has to be the input's default: a value in the session state would overwrite what a
    person has chosen in the browser meanwhile.
    """
    inputs = _inputs()
    key = inputs.keys.get(name)
    if key:
        shown = st.session_state.get(key, inputs.known_values[key])
        if shown == stored or keep(shown):
            return key
    key = inputs.keys[name] = f"{name}-{next(_KEY_NUMBERS)}"
    inputs.known_values[key] = stored
    return key


def report_choice(key: str, choose: Callable[[Any], object], options: Collection[Any] | None = None) -> None:
    """For `on_change`: calls `choose` when a person has chosen another value.

    Streamlit also reports the value of an input that has been replaced, and a label that no option has any more.
    """
    known_values = _inputs().known_values
    value = st.session_state.get(key)
    if value != known_values.get(key, value) and (options is None or value in options):
        known_values[key] = value
        choose(value)


@dataclass
class _Inputs:
    """The inputs of one browser tab."""

    keys: dict[str, str] = field(default_factory=dict)  # the current key, by the input's name
    # By key, the value that the input was drawn with or has reported last.
    known_values: dict[str, object] = field(default_factory=dict)


def _inputs() -> _Inputs:
    inputs: _Inputs = st.session_state.setdefault("stored-inputs", _Inputs())
    return inputs
