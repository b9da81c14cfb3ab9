"""Which dialog is open, and what was refused in it: both are drawn in every run until it is closed."""

from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

import streamlit as st

from genko.leads.records import LeadFields
from pages.parts import act, address
from pages.parts.plain import plain

_ASKED = "asked"
_REFUSED = "asked-refused"
_SEEN = "asked-seen"
_PAGE = "asked-page"


class Dialog(StrEnum):
    """The icons of table and board name some of them too."""

    ADD_LEAD = "add-lead"
    EDIT_LEAD = "edit"
    MESSAGE_LEAD = "message"
    CONVERT_LEAD = "convert"
    LOSE_LEAD = "lose"
    DELETE_LEAD = "delete"
    MERGE_LEAD = "merge"
    IMPORT_LEADS = "import"
    LOSE_CHOSEN = "lose-chosen"
    DELETE_CHOSEN = "delete-chosen"
    ADD_PATIENT = "add-patient"
    EDIT_PATIENT = "edit-patient"
    MERGE_PATIENTS = "merge-patients"
    PATIENT_TOUCH = "patient-touch"
    NEW_CONVERSATION = "new-conversation"
    ACCEPT_SENDER = "accept-sender"
    LINK_SENDER = "link-sender"
    TOUCHES = "touches"
    TOUCH = "touch"
    PASSWORD = "password"  # noqa: S105 - a name


def ask(what: Dialog, *about: Any) -> None:
    """For callbacks: the run that follows opens it. A lead's form is in the URL, so that a link leads to it."""
    close()
    if what is Dialog.EDIT_LEAD:
        address.put("lead", str(about[0]))
    else:
        st.session_state[_ASKED] = (what, about)


def asked() -> tuple[Dialog | None, tuple[Any, ...]]:
    if lead_id := address.number("lead"):
        return Dialog.EDIT_LEAD, (lead_id,)
    what, about = st.session_state.get(_ASKED, (None, ()))
    return what, about


def close() -> None:
    address.put("lead", None)
    _forget()


def _forget() -> None:
    for name in (_ASKED, _REFUSED, _SEEN):
        st.session_state.pop(name, None)


_Seen = TypeVar("_Seen", datetime, LeadFields)


def first_seen(record: _Seen) -> _Seen:
    """What the dialog was opened with, or when that had been changed, whatever has become of it since."""
    seen: _Seen = st.session_state.setdefault(_SEEN, record)
    return seen


def tried(button: bool) -> bool:
    """Whether the dialog's button was pressed. Until it is, what was refused the last time stays said."""
    if button:
        st.session_state.pop(_REFUSED, None)
    elif problem := st.session_state.get(_REFUSED):
        st.error(plain(problem))
    return button


def refuse(problem: str) -> None:
    st.session_state[_REFUSED] = problem
    st.error(plain(problem))


def finish(problem: str, done: str) -> None:
    """After the try: says what was refused, or closes the dialog."""
    if problem:
        refuse(problem)
        return
    close()
    act.say_done(done)
    st.rerun()


def arrive(page: str) -> None:
    """A dialog stays on the page where it was asked for."""
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        _forget()
