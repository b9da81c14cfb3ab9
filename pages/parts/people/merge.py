"""The dialog that merges two records of one person: which other record, and which of the two stays."""

from collections.abc import Callable

import streamlit as st

from genko.access.models import Role
from genko.db import Session
from genko.errors import GenkoError
from genko.leads.records import get_lead
from genko.messages import same_person
from genko.patients.records import get_patient
from genko.people import conversion, person_search
from genko.people.models import MergeKind
from genko.people.person_search import Somebody
from pages.parts.kit import context, dialog_state
from pages.parts.people.choose_person import LEAD, PATIENT, choose, describe
from pages.parts.people.merge_fields import draw_choices
from pages.parts.streamlit.distinct_labels import distinct
from pages.parts.streamlit.markdown import plain


def draw_dialog_for_lead(lead_id: int) -> None:
    _draw_dialog(_for_lead, LEAD, lead_id)


def draw_dialog_for_patient(patient_id: int) -> None:
    _draw_dialog(_for_patient, PATIENT, patient_id)


def _draw_dialog(draw: Callable[[Somebody], None], kind: str, person_id: int) -> None:
    """The title names the person."""
    try:
        with context.database().reading() as session:
            person = _get(session, kind, person_id)
    except GenkoError as error:
        _say(str(error))
        return
    dialog = st.dialog(f"Merge {plain(describe(person))}", on_dismiss=dialog_state.close_dialog)
    dialog(draw)(person)


@st.dialog("Merge", on_dismiss=dialog_state.close_dialog)
def _say(sentence: str) -> None:
    st.info(sentence)


def _get(session: Session, kind: str, person_id: int) -> Somebody:
    return Somebody.of(get_lead(session, person_id) if kind == LEAD else get_patient(session, person_id))


def _for_lead(lead: Somebody) -> None:
    kind = st.segmented_control("With another", [LEAD, PATIENT], default=LEAD, required=True)
    try:
        with context.database().reading() as session:
            leads = person_search.find_same_leads(session, lead.id)
            patients = [Somebody.of(row) for row in conversion.find_same_patients(session, lead.id)]
    except GenkoError as error:
        st.info(str(error))
        return
    if kind == PATIENT:
        if patient_id := choose(PATIENT, suggestions=patients):
            st.caption("The patient's record stays, and the lead goes into it.")
            draw_choices(MergeKind.LEAD_INTO_PATIENT, patient_id, lead.id)
    elif other_id := choose(LEAD, but=lead.id, only_open=True, suggestions=leads):
        winner_id = _ask_who_stays(lead.id, other_id)
        draw_choices(MergeKind.LEADS, winner_id, other_id if winner_id == lead.id else lead.id)


def _for_patient(patient: Somebody) -> None:
    if context.me().role is not Role.ADMIN:
        st.info("Only an administrator merges patients.")
        return
    with context.database().reading() as session:
        same = same_person.find_patients(session, patient.phone, patient.email, but=patient.id)
    st.caption(f"Whoever you choose goes into **{plain(describe(patient))}**, whose record stays.")
    suggestions = [Somebody.of(row) for row in same]
    if other_id := choose(PATIENT, but=patient.id, suggestions=suggestions):
        draw_choices(MergeKind.PATIENTS, patient.id, other_id)


def _ask_who_stays(lead_id: int, other_id: int) -> int:
    try:
        with context.database().reading() as session:
            labels = distinct({id_: describe(_get(session, LEAD, id_)) for id_ in (lead_id, other_id)})
    except GenkoError:
        return lead_id  # the next step says that a lead is gone
    return st.radio(
        "Whose record stays?",
        list(labels),
        format_func=lambda id_: plain(labels[id_]),
        key=f"merge-stays-{lead_id}-{other_id}",
    )
