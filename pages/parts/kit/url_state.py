"""What is selected, kept in the address: a reload or a shared link shows the same.

Names, phone numbers and search texts are never in the address: they would stay in browser histories and logs.
"""

from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import streamlit as st

from genko.messages.inbox import InboxFilter, Order, Tab
from genko.messages.models import ConversationStatus
from genko.messages.needs_attention import Need
from pages.parts.streamlit import address

_E = TypeVar("_E", bound=StrEnum)
MESSAGES = Path(__file__).resolve().parents[2] / "messages.py"
PATIENTS = MESSAGES.with_name("patients.py")
LEADS = MESSAGES.with_name("leads.py")
SETTINGS = MESSAGES.with_name("settings.py")
SEARCH = "search"  # the inbox's search text, in the session state
_MOST_DIGITS = 15  # fits a row id

put = address.put


def conversation() -> int | None:
    return whole_number("c")


def open_conversation(conversation_id: int | None) -> None:
    put("c", str(conversation_id) if conversation_id else None)


def patient() -> int | None:
    return whole_number("patient")


def open_patient(patient_id: int | None) -> None:
    put("patient", str(patient_id) if patient_id else None)


def inbox_filter() -> InboxFilter:
    tab, status = choice("tab", Tab), choice("status", ConversationStatus)
    resolved = tab is Tab.CLOSED or status is ConversationStatus.RESOLVED
    return InboxFilter(
        tab=Tab.CLOSED if resolved else Tab.ACTIVE,
        status=None if resolved else status,
        account_id=whole_number("account"),
        order=choice("order", Order) or Order.ACTIVITY,
        search=str(st.session_state.get(SEARCH) or ""),
        need=choice("need", Need),
    )


def clear_filters() -> None:
    for name in ("status", "account", "need"):
        put(name, None)
    clear_search(SEARCH)


def clear_search(key: str) -> None:
    """A search that is empty already is left alone: somebody may be typing into it at this moment."""
    if st.session_state.get(key):
        st.session_state[key] = ""


def whole_number(name: str) -> int | None:
    typed = st.query_params.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS else None


def choice(name: str, kind: type[_E]) -> _E | None:
    typed = st.query_params.get(name, "")
    return kind(typed) if typed in set(kind) else None
