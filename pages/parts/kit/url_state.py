"""What is selected, kept in the URL: a reload or a shared link shows the same. Never names, phones or search texts."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from genko.messages.inbox import InboxFilter, Order, Tab
from genko.messages.models import ConversationStatus
from genko.messages.needs_attention import Need

_E = TypeVar("_E", bound=StrEnum)
MESSAGES = Path(__file__).resolve().parents[2] / "messages.py"
PATIENTS = MESSAGES.with_name("patients.py")
LEADS = MESSAGES.with_name("leads.py")
SETTINGS = MESSAGES.with_name("settings.py")
SEARCH = "search"  # in the session only
_PUTS = "address-puts"
_LATE = 10  # seconds by which a browser may be behind


def conversation() -> int | None:
    return number("c")


def open_conversation(conversation_id: int | None) -> None:
    put("c", str(conversation_id) if conversation_id else None)


def patient() -> int | None:
    return number("patient")


def open_patient(patient_id: int | None) -> None:
    put("patient", str(patient_id) if patient_id else None)


def inbox_filter() -> InboxFilter:
    tab, status = choice("tab", Tab), choice("status", ConversationStatus)
    resolved = tab is Tab.CLOSED or status is ConversationStatus.RESOLVED
    return InboxFilter(
        tab=Tab.CLOSED if resolved else Tab.ACTIVE,
        status=None if resolved else status,
        account_id=number("account"),
        order=choice("order", Order) or Order.ACTIVITY,
        search=str(st.session_state.get(SEARCH) or ""),
        need=choice("need", Need),
    )


def put(name: str, value: str | None) -> None:
    _catch_up(name)  # callbacks run before `settle`
    before = st.query_params.get(name)
    if (value or None) != before:
        _set(name, value)
        earlier = _puts()[name].earlier if name in _puts() else set()
        _puts()[name] = _Put(earlier | {before}, value or None, monotonic())


def _set(name: str, value: str | None) -> None:
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


@dataclass(frozen=True)
class _Put:
    earlier: set[str | None]
    value: str | None
    at: float  # seconds


def _puts() -> dict[str, _Put]:
    puts: dict[str, _Put] = st.session_state.setdefault(_PUTS, {})
    return puts


def settle(*, arrived: bool) -> None:
    """In every run, before the address is read: what was put into it a moment ago stays.

    A browser sends its address with each event. One that has not heard of the new one yet sends the old one, and the
    conversation that was just left would be drawn again. By its ways back and forward it means what it says.
    """
    context = get_script_run_ctx()
    if arrived or context is None or context.is_history_navigation:
        st.session_state.pop(_PUTS, None)
    for name in list(_puts()):
        _catch_up(name)


def _catch_up(name: str) -> None:
    put = _puts().get(name)
    if put and monotonic() - put.at > _LATE:
        del _puts()[name]
    elif put and st.query_params.get(name) in put.earlier - {put.value}:
        _set(name, put.value)


def clear_filters() -> None:
    for name in ("status", "account", "need"):
        put(name, None)
    empty(SEARCH)


def empty(name: str) -> None:
    """A search that is empty already may be typed into in this moment."""
    if st.session_state.get(name):
        st.session_state[name] = ""


def number(name: str) -> int | None:
    typed = st.query_params.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else None  # noqa: PLR2004 - fits a row id


def choice(name: str, kind: type[_E]) -> _E | None:
    typed = st.query_params.get(name, "")
    return kind(typed) if typed in set(kind) else None
