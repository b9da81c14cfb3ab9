"""Asks before a lead or a patient is deleted for good."""

import streamlit as st

from genko.errors import GenkoError
from genko.leads.records import get_lead
from genko.patients import records as patients
from genko.people import deletion
from pages.parts.kit import actions, confirm_danger, context, dialog_state, url_state
from pages.parts.kit.person_label import label_of
from pages.parts.streamlit.markdown import plain


@st.dialog("Delete this lead?", on_dismiss=dialog_state.close_dialog)
def ask_about_lead(lead_id: int) -> None:
    try:
        with context.database().reading() as session:
            lead = get_lead(session, lead_id)
            takes_more = deletion.takes_more_along(session, [lead_id])
    except GenkoError:
        st.info("This lead has been deleted already.")
        return
    more = "What was merged into it goes too. " if takes_more else ""
    st.markdown(
        f"**{plain(label_of(lead))}** is removed for good, with its notes, tags, touches and stage history. "
        f"{more}Its conversations stay."
    )
    if confirm_danger.sure("Delete for good", key="delete-now"):
        _, problem = actions.attempt(lambda session, by: deletion.delete_lead(session, lead_id, by=by))
        dialog_state.finish(problem, "Lead deleted.")


@st.dialog("Delete this patient?", on_dismiss=dialog_state.close_dialog)
def ask_about_patient(patient_id: int) -> None:
    try:
        with context.database().reading() as session:
            patient = patients.get_patient(session, patient_id)
    except GenkoError:
        st.info("This patient has been deleted already.")
        return
    st.markdown(
        f"**{plain(patient.name)}** is removed for good, with notes, tags, touches, first appointment, the lead "
        "that the patient came from and whatever was merged into the record. The conversations stay."
    )
    if confirm_danger.sure("Delete for good", key="delete-now"):
        _, problem = actions.attempt(lambda session, by: deletion.delete_patient(session, patient_id, by=by))
        if not problem:
            url_state.open_patient(None)
        dialog_state.finish(problem, "Patient deleted.")
