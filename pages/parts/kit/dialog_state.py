"""Which dialog is open, and what was refused in it: both are drawn in every run until it is closed."""

from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

import streamlit as st

from genko.leads.records import LeadFields
from pages.parts.kit import actions, url_state
from pages.parts.streamlit.markdown import plain

_ASKED = "asked"
_REFUSED = "asked-refused"
_TRIED = "asked-tried"
_SEEN = "asked-seen"
_OPENING = "opening"
WARNED = "asked-warned"  # about whom, and who may be the same person
IMPORT = "asked-import"  # how far it has come


class Dialog(StrEnum):
    """The icons of table and board name some of them too."""

    ADD_LEAD = "add-lead"
    EDIT_LEAD = "edit"
    MESSAGE_LEAD = "message"
    CONVERT_LEAD = "convert"
    LOSE_LEAD = "lose"
    DELETE_LEAD = "delete"
    MERGE_LEAD = "merge"
    LEAD_TOUCHES = "lead-touches"
    IMPORT_LEADS = "import"
    LOSE_CHOSEN = "lose-chosen"
    DELETE_CHOSEN = "delete-chosen"
    ADD_PATIENT = "add-patient"
    EDIT_PATIENT = "edit-patient"
    DELETE_PATIENT = "delete-patient"
    MERGE_PATIENTS = "merge-patients"
    PATIENT_TOUCH = "patient-touch"
    NEW_CONVERSATION = "new-conversation"
    ACCEPT_SENDER = "accept-sender"
    LINK_SENDER = "link-sender"
    NOT_A_LEAD = "not-a-lead"
    TOUCHES = "touches"
    TOUCH = "touch"
    PASSWORD = "password"  # noqa: S105 - a name


def ask(what: Dialog, *about: Any) -> None:
    """For callbacks: the run that follows opens it. A lead's form is in the URL, so that a link leads to it."""
    close()
    if what is Dialog.EDIT_LEAD:
        url_state.put("lead", str(about[0]))
    else:
        st.session_state[_ASKED] = (what, about)


def asked() -> tuple[Dialog | None, tuple[Any, ...]]:
    if lead_id := url_state.whole_number("lead"):
        return Dialog.EDIT_LEAD, (lead_id,)
    what, about = st.session_state.get(_ASKED, (None, ()))
    return what, about


def close() -> None:
    url_state.put("lead", None)
    forget()


def opening() -> int:
    """For the keys of a form's fields: what was typed in a dialog that was closed a moment ago is not in the next one."""
    return int(st.session_state.get(_OPENING, 0))


def forget() -> None:
    st.session_state[_OPENING] = opening() + 1
    for name in (_ASKED, _REFUSED, _TRIED, _SEEN, WARNED, IMPORT):
        st.session_state.pop(name, None)


_Seen = TypeVar("_Seen", datetime, tuple[LeadFields, str])


def first_seen(record: _Seen) -> _Seen:
    """What the dialog was opened with, or when that had been changed, whatever has become of it since.

    The way back of a browser opens a lead's form without closing another one's.
    """
    all_seen: dict[object, _Seen] = st.session_state.get(_SEEN, {})
    seen = all_seen.get(asked(), record)
    st.session_state[_SEEN] = {asked(): seen}
    return seen


def tried(button: bool, form: object = None) -> bool:
    """Whether the dialog's button was pressed. Until it is, what was refused the last time stays said.

    With `form`, what is filled in, it is said only as long as that is what was refused.
    """
    if button or form != st.session_state.get(_TRIED):
        st.session_state.pop(_REFUSED, None)
    if button:
        st.session_state[_TRIED] = form
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
    actions.say_done(done)
    st.rerun()
