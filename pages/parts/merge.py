"""Makes one of two records of a person: with whom, which record stays, and field by field whose value."""

from datetime import datetime

import streamlit as st

from genko import phone
from genko.access.models import Role
from genko.errors import GenkoError
from genko.people import choosing, merging
from genko.people.choices import NOTES, Pair, Side
from genko.people.models import MergeKind
from pages.parts import act, asking, here
from pages.parts.choose_person import LEAD, PATIENT, choose
from pages.parts.plain import plain
from pages.parts.times import exact

_VERBS = {
    MergeKind.LEADS: merging.merge_leads,
    MergeKind.LEAD_INTO_PATIENT: merging.merge_lead_into_patient,
    MergeKind.PATIENTS: merging.merge_patients,
}
_FIELDS = {
    "name": "Name",
    "phone": "Phone",
    "email": "Email",
    "source": "Source",
    "stage": "Stage",
    "first_appointment": "First appointment",
    NOTES: "Notes",
}
_THIS, _OTHER = "This one stays", "The other one stays"


@st.dialog("Merge", on_dismiss=asking.close)
def open_dialog_for_lead(lead_id: int) -> None:
    kind = st.segmented_control("With another", [LEAD, PATIENT], default=LEAD, required=True)
    try:
        with here.database().reading() as session:
            first = choosing.find_same_leads(session, lead_id)
    except GenkoError as error:
        st.info(str(error))
        return
    if kind == PATIENT:
        if patient_id := choose(PATIENT):
            _decide(MergeKind.LEAD_INTO_PATIENT, patient_id, lead_id)
    elif other := choose(LEAD, but=lead_id, only_open=True, first=first):
        stays = st.segmented_control("Which record stays?", [_THIS, _OTHER], default=_THIS, required=True)
        _decide(MergeKind.LEADS, *((lead_id, other) if stays == _THIS else (other, lead_id)))


@st.dialog("Merge patients", on_dismiss=asking.close)
def open_dialog_for_patient(patient_id: int) -> None:
    if here.me().role is not Role.ADMIN:
        st.info("Only an administrator merges patients.")
        return
    st.caption("The patient whom you choose goes into this one.")
    if other := choose(PATIENT, but=patient_id):
        _decide(MergeKind.PATIENTS, patient_id, other)


def _decide(kind: MergeKind, kept_id: int, gone_id: int) -> None:
    try:
        with here.database().reading() as session:
            pairs = choosing.find_pairs(session, kind, kept_id, gone_id)
    except GenkoError as error:
        st.info(str(error))
        return
    choices = {pair.field: _choose_side(pair, f"{kept_id}-{gone_id}") for pair in pairs}
    st.caption("Conversations, touches and tags of both stay together. A merge can be undone.")
    if asking.tried(st.button("Merge", type="primary", icon=":material/merge:", key="merge-now")):
        _merge(kind, kept_id, gone_id, choices)


def _choose_side(pair: Pair, both: str) -> Side:
    names = {Side.KEPT: _words(pair.field, pair.kept), Side.GONE: _words(pair.field, pair.gone)}
    if names[Side.KEPT] == names[Side.GONE]:  # cut to a line, or spelled alike
        names = {
            Side.KEPT: f"Of the one that stays: {names[Side.KEPT]}",
            Side.GONE: f"Of the other: {names[Side.GONE]}",
        }
    if pair.field == NOTES:
        names = {Side.BOTH: "Both, one below the other", **names}
    return st.radio(
        _FIELDS[pair.field],
        list(names),
        index=list(names).index(pair.usual),
        format_func=lambda side: plain(names[side]),
        key=f"merge-{both}-{pair.field}",
    )


def _words(field: str, value: datetime | str) -> str:
    if isinstance(value, datetime):
        return exact(value, here.zone())
    if field == "phone":
        return phone.shown(value, here.clinic().region)
    words = " ".join(value.split())
    return words if len(words) < 80 else f"{words[:79]}…"  # noqa: PLR2004 - fits a line


def _merge(kind: MergeKind, kept_id: int, gone_id: int, choices: dict[str, Side]) -> None:
    _, problem = act.attempt(lambda session, by: _VERBS[kind](session, kept_id, gone_id, choices, by=by))
    asking.finish(problem, "Merged. The record that stayed can undo it.")
