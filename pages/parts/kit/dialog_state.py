"""Which dialog is open in this browser tab, and what it keeps between the runs of its script.

A dialog is drawn in every run until it is closed, so what was refused in it is kept here as well.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

import streamlit as st

from genko.leads.records import LeadFields
from pages.parts.kit import actions, url_state
from pages.parts.streamlit.markdown import plain

# Keys in the session state. All but the count are removed when a dialog is opened or closed.
_OPEN_DIALOG = "dialog"
_REFUSAL = "dialog-refusal"  # the sentence
_SUBMITTED_FORM = "dialog-submitted-form"  # what was filled in at the latest try
_FIRST_SEEN = "dialog-first-seen"
DUPLICATES_SHOWN = "dialog-duplicates-shown"  # (the lead's id, those who may be the same person)
IMPORT_RUN = "dialog-import-run"  # how far an import has come
_DIALOG_COUNT = "dialog-count"  # how many dialogs have been opened or closed


class Dialog(StrEnum):
    """The scripts of the leads' table and board use some of these values as well."""

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
    PASSWORD = "password"  # noqa: S105 - the dialog's name


@dataclass(frozen=True)
class OpenDialog:
    dialog: Dialog
    arguments: tuple[Any, ...]  # what it is about, for example a lead's id


def open_dialog(dialog: Dialog, *arguments: Any) -> None:
    """The next run draws it, so call this in a callback, or rerun after it.

    The dialog of a lead is in the address, so that a link can open it.
    """
    close_dialog()
    if dialog is Dialog.EDIT_LEAD:
        url_state.put("lead", str(arguments[0]))
    else:
        st.session_state[_OPEN_DIALOG] = OpenDialog(dialog, arguments)


def current_dialog() -> OpenDialog | None:
    if lead_id := url_state.whole_number("lead"):
        return OpenDialog(Dialog.EDIT_LEAD, (lead_id,))
    current: OpenDialog | None = st.session_state.get(_OPEN_DIALOG)
    return current


def close_dialog() -> None:
    url_state.put("lead", None)
    forget()


def forget() -> None:
    """Forgets the dialog but leaves the address alone, which may open a lead's dialog on the page that is drawn now."""
    st.session_state[_DIALOG_COUNT] = _dialog_count() + 1
    for key in (_OPEN_DIALOG, _REFUSAL, _SUBMITTED_FORM, _FIRST_SEEN, DUPLICATES_SHOWN, IMPORT_RUN):
        st.session_state.pop(key, None)


def form_key(name: str) -> str:
    """The first part of the keys of a form's fields: another one for each opening of a dialog, so that what was typed
    into a dialog before it was closed is not in the next one."""
    return f"{name}-{_dialog_count()}"


def _dialog_count() -> int:
    return int(st.session_state.get(_DIALOG_COUNT, 0))


_Record = TypeVar("_Record", datetime, tuple[LeadFields, str])


def first_seen(record: _Record) -> _Record:
    """The record, or the time of its latest change, as it was when the dialog was opened.

    It is kept by dialog and arguments: the browser's back button opens a lead's dialog without closing another one.
    """
    dialog, first = st.session_state.get(_FIRST_SEEN, (None, record))
    if dialog != current_dialog():
        first = record
    st.session_state[_FIRST_SEEN] = current_dialog(), first
    return cast("_Record", first)


def submitted(button: bool, form: object = None) -> bool:
    """Whether the dialog's button was pressed in this run. If it was not, the latest refusal is shown again.

    With `form`, what is filled in, the refusal is shown only as long as the same is filled in.
    """
    if button or form != st.session_state.get(_SUBMITTED_FORM):
        st.session_state.pop(_REFUSAL, None)
    if button:
        st.session_state[_SUBMITTED_FORM] = form
    elif refusal := st.session_state.get(_REFUSAL):
        st.error(plain(refusal))
    return button


def refuse(problem: str) -> None:
    st.session_state[_REFUSAL] = problem
    st.error(plain(problem))


def finish(problem: str, done: str) -> None:
    """After a try: shows the problem, or closes the dialog and says what was done."""
    if problem:
        refuse(problem)
        return
    close_dialog()
    actions.say_done(done)
    st.rerun()
