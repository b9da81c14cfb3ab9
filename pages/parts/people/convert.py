"""Asks whether a lead becomes a patient, and whether it is somebody whom the clinic knows already."""

from functools import partial

import streamlit as st

from genko import phone
from genko.errors import GenkoError
from genko.leads.records import LeadRecord, get_lead
from genko.patients.search import PatientRow
from genko.people import conversion
from genko.people.conversion import Converted
from pages.parts.kit import actions, context, dialog_state
from pages.parts.kit.person_label import who
from pages.parts.streamlit.distinct_labels import distinct
from pages.parts.streamlit.markdown import plain

_NEW = 0  # no patient has this id
_SHOWN = "convert-shown"


@st.dialog("Convert to a patient", on_dismiss=dialog_state.close)
def open_dialog(lead_id: int) -> None:
    try:
        with context.database().reading() as session:
            lead, obstacle = get_lead(session, lead_id), conversion.obstacle(session, lead_id)
            same = conversion.find_same_patients(session, lead_id)
    except GenkoError as error:
        st.info(str(error))
        return
    if obstacle:
        st.info(obstacle, icon=":material/info:")
        return
    first, last = _ask_name() if not lead.name else ("", "")
    into = _ask(lead, same)
    # Pressed, the button declines whom it stood under, not whom this run has found since.
    shown = st.session_state.get(_SHOWN, [])
    st.session_state[_SHOWN] = [one.id for one in same]
    ready = into is not None
    pressed = st.button(
        "Convert", type="primary", icon=":material/check:", key="convert-now", disabled=not ready
    )
    if dialog_state.tried(pressed):
        seen = shown
        verb = partial(
            conversion.convert,
            lead_id=lead_id,
            into=into or None,
            declined=() if into else seen,
            first_name=first,
            last_name=last,
        )
        _convert(verb)


def _ask_name() -> tuple[str, str]:
    st.caption("This lead has no name yet. A patient needs one.")
    row = st.container(horizontal=True)
    first = row.text_input("First name", key=f"convert-first-{dialog_state.opening()}")
    last = row.text_input("Last name", key=f"convert-last-{dialog_state.opening()}")
    return first, last


def _ask(lead: LeadRecord, same: list[PatientRow]) -> int | None:
    """The chosen patient, `_NEW`, or None while nothing is chosen."""
    st.markdown(
        f"**{plain(who(lead))}** becomes a patient. The lead's notes, tags, touches and conversations go along."
    )
    if not same:
        return _NEW
    st.warning(
        "A patient with this phone or email exists already. Is it the same person?", icon=":material/group:"
    )
    names = distinct({one.id: f"Yes: {_words(one)}" for one in same}) | {_NEW: "No: make a new patient"}
    return st.radio(
        "Who is it?",
        list(names),
        index=None,
        format_func=lambda one: plain(names[one]),
        label_visibility="collapsed",
    )


def _words(one: PatientRow) -> str:
    number = phone.shown(one.phone, context.clinic().region) if one.phone else ""
    return " · ".join(part for part in (one.name, number, one.email) if part)


def _convert(verb: partial[Converted]) -> None:
    converted, problem = actions.attempt(lambda session, by: verb(session, by=by))
    already = converted is not None and converted.already
    dialog_state.finish(
        problem, "This lead was a patient already." if already else "The lead is a patient now."
    )
