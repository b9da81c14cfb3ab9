"""Asks whether a lead becomes a patient, and whether it is a patient whom the clinic knows already."""

from functools import partial

import streamlit as st

from genko.errors import GenkoError
from genko.leads.records import LeadRecord, get_lead
from genko.patients.search import PatientRow
from genko.people import conversion
from genko.people.conversion import Converted
from pages.parts.kit import actions, context, dialog_state
from pages.parts.kit.person_label import label_of, shown_phone
from pages.parts.streamlit.distinct_labels import distinct
from pages.parts.streamlit.markdown import plain

_NEW_PATIENT = 0  # no patient has this id
_SHOWN_PATIENTS = "convert-shown-patients"  # the key in the session state


@st.dialog("Convert to a patient", on_dismiss=dialog_state.close_dialog)
def draw_dialog(lead_id: int) -> None:
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
    _ask(lead, same)


def _ask(lead: LeadRecord, same: list[PatientRow]) -> None:
    first, last = _ask_name() if not lead.name else ("", "")
    into = _ask_patient(lead, same)
    # The button declines the patients who were shown when it was drawn, even if this run has found more.
    declined = st.session_state.get(_SHOWN_PATIENTS, [])
    st.session_state[_SHOWN_PATIENTS] = [patient.id for patient in same]
    pressed = st.button(
        "Convert", type="primary", icon=":material/check:", key="convert-now", disabled=into is None
    )
    if dialog_state.submitted(pressed):
        verb = partial(
            conversion.convert,
            lead_id=lead.id,
            into=into or None,
            declined=() if into else declined,
            first_name=first,
            last_name=last,
        )
        _convert(verb)


def _ask_name() -> tuple[str, str]:
    st.caption("This lead has no name yet. A patient needs one.")
    row, key = st.container(horizontal=True), dialog_state.form_key("convert")
    return row.text_input("First name", key=f"{key}-first"), row.text_input("Last name", key=f"{key}-last")


def _ask_patient(lead: LeadRecord, same: list[PatientRow]) -> int | None:
    """The id of the chosen patient, `_NEW_PATIENT`, or None while nothing is chosen."""
    st.markdown(
        f"**{plain(label_of(lead))}** becomes a patient. The lead's notes, tags, touches and conversations go along."
    )
    if not same:
        return _NEW_PATIENT
    st.warning(
        "A patient with this phone or email exists already. Is it the same person?", icon=":material/group:"
    )
    labels = distinct({patient.id: f"Yes: {_describe(patient)}" for patient in same})
    labels[_NEW_PATIENT] = "No: make a new patient"
    return st.radio(
        "Who is it?",
        list(labels),
        index=None,
        format_func=lambda patient_id: plain(labels[patient_id]),
        label_visibility="collapsed",
    )


def _describe(patient: PatientRow) -> str:
    parts = (patient.name, shown_phone(patient.phone), patient.email)
    return " · ".join(part for part in parts if part)


def _convert(verb: partial[Converted]) -> None:
    converted, problem = actions.attempt(lambda session, by: verb(session, by=by))
    already = converted is not None and converted.already
    dialog_state.finish(
        problem, "This lead was a patient already." if already else "The lead is a patient now."
    )
