"""What is selected, kept in the URL: a reload or a shared link shows the same. Never names, phones or search texts."""

from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import streamlit as st

from genko.messages.inbox import InboxFilter, Order, Tab
from genko.messages.models import ConversationStatus
from genko.messages.needs import Need

_E = TypeVar("_E", bound=StrEnum)
MESSAGES = Path(__file__).resolve().parent.parent / "messages.py"
PATIENTS = MESSAGES.with_name("patients.py")
LEADS = MESSAGES.with_name("leads.py")
SETTINGS = MESSAGES.with_name("settings.py")
SEARCH = "search"  # in the session only


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
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def clear_filters() -> None:
    for name in ("status", "account", "need"):
        put(name, None)
    st.session_state[SEARCH] = ""


def number(name: str) -> int | None:
    typed = st.query_params.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else None  # noqa: PLR2004 - fits a row id


def choice(name: str, kind: type[_E]) -> _E | None:
    typed = st.query_params.get(name, "")
    return kind(typed) if typed in set(kind) else None
