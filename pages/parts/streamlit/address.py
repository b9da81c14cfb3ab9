"""Query parameters of the address, where the value that was set last wins over an older one.

A browser sends its address with each event. A browser that has not heard of the new address yet sends the old one, and
the conversation that was just left would be opened again. So for some seconds an older value is not believed.
"""

from dataclasses import dataclass
from time import monotonic

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LATE_S = 10  # how long a browser may send an older address
CHANGES = "address-changes"  # the key in the session state


@dataclass(frozen=True)
class Change:
    """The latest change of one parameter."""

    older_values: frozenset[str | None]
    value: str | None
    changed_at: float  # seconds of the monotonic clock


def put(name: str, value: str | None) -> None:
    """Sets the parameter, or removes it when there is no value."""
    _restore(name)  # callbacks run before `restore_latest`
    before, after = st.query_params.get(name), value or None
    if after != before:
        _set(name, after)
        earlier = _changes().get(name)
        older_values = (earlier.older_values if earlier else frozenset()) | {before}
        _changes()[name] = Change(older_values, after, monotonic())


def restore_latest(*, arrived: bool) -> None:
    """Call it in every run, before the address is read.

    When the browser has `arrived` at this page, or has gone back or forward, its address is what the person wants.
    """
    run = get_script_run_ctx()
    if arrived or run is None or run.is_history_navigation:
        st.session_state.pop(CHANGES, None)
    for name in list(_changes()):
        _restore(name)


def _restore(name: str) -> None:
    change = _changes().get(name)
    if change and monotonic() - change.changed_at > LATE_S:
        del _changes()[name]
    elif change and st.query_params.get(name) in change.older_values - {change.value}:
        _set(name, change.value)


def _set(name: str, value: str | None) -> None:
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def _changes() -> dict[str, Change]:
    changes: dict[str, Change] = st.session_state.setdefault(CHANGES, {})
    return changes
