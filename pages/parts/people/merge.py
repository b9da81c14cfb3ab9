"""Makes one of two records of a person: with whom, and whose record stays."""

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
from pages.parts.people.choose_person import LEAD, PATIENT, choose, words
from pages.parts.people.merge_fields import decide
from pages.parts.streamlit.distinct_labels import distinct
from pages.parts.streamlit.markdown import plain


def open_dialog_for_lead(lead_id: int) -> None:
    _titled(_for_lead, LEAD, lead_id)


def open_dialog_for_patient(patient_id: int) -> None:
    _titled(_for_patient, PATIENT, patient_id)


def _titled(draw: Callable[[Somebody], None], kind: str, number: int) -> None:
    """The title says whom it is about."""
    try:
        with context.database().reading() as session:
            one = _somebody(session, kind, number)
    except GenkoError as error:
        _say(str(error))
        return
    st.dialog(f"Merge {plain(words(one))}", on_dismiss=dialog_state.close)(draw)(one)


@st.dialog("Merge", on_dismiss=dialog_state.close)
def _say(sentence: str) -> None:
    st.info(sentence)


def _somebody(session: Session, kind: str, number: int) -> Somebody:
    return Somebody.of(get_lead(session, number) if kind == LEAD else get_patient(session, number))


def _for_lead(lead: Somebody) -> None:
    kind = st.segmented_control("With another", [LEAD, PATIENT], default=LEAD, required=True)
    try:
        with context.database().reading() as session:
            leads = person_search.find_same_leads(session, lead.id)
            patients = [Somebody.of(one) for one in conversion.find_same_patients(session, lead.id)]
    except GenkoError as error:
        st.info(str(error))
        return
    if kind == PATIENT:
        if patient_id := choose(PATIENT, first=patients):
            st.caption("The patient's record stays, and the lead goes into it.")
            decide(MergeKind.LEAD_INTO_PATIENT, patient_id, lead.id)
    elif other := choose(LEAD, but=lead.id, only_open=True, first=leads):
        stays = _ask_who_stays(LEAD, lead.id, other)
        decide(MergeKind.LEADS, stays, other if stays == lead.id else lead.id)


def _for_patient(patient: Somebody) -> None:
    if context.me().role is not Role.ADMIN:
        st.info("Only an administrator merges patients.")
        return
    with context.database().reading() as session:
        same = same_person.find_patients(session, patient.phone, patient.email, but=patient.id)
    st.caption(f"Whoever you choose goes into **{plain(words(patient))}**, whose record stays.")
    if other := choose(PATIENT, but=patient.id, first=[Somebody.of(one) for one in same]):
        decide(MergeKind.PATIENTS, patient.id, other)


def _ask_who_stays(kind: str, one_id: int, other_id: int) -> int:
    try:
        with context.database().reading() as session:
            both = {number: words(_somebody(session, kind, number)) for number in (one_id, other_id)}
    except GenkoError:
        return one_id  # the decision says so
    names = distinct(both)
    return st.radio(
        "Whose record stays?",
        list(names),
        format_func=lambda number: plain(names[number]),
        key=f"merge-stays-{one_id}-{other_id}",
    )
