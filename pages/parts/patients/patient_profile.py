"""One patient: who it is, where they write from, what was noted, and which lead they were."""

import streamlit as st

from genko import phone
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.errors import GenkoError
from genko.patients.records import PatientRecord
from genko.people import merging, profile
from genko.people.profile import Address, FormerLead, MergeShown, Profile
from pages.parts.kit import actions, context, dialog_state, url_state
from pages.parts.kit.dialog_state import Dialog
from pages.parts.kit.labels import STATUS
from pages.parts.kit.times import moment
from pages.parts.people import merges, touches
from pages.parts.streamlit.markdown import plain

_LOOKED_AT = "patient-looked-at"
_PLACE = "patient"  # where it is said that something could not be done


def draw(visitor: SignedIn, patient_id: int) -> None:
    st.button(
        "All patients", icon=":material/arrow_back:", key="all-patients", type="tertiary", on_click=_leave
    )
    found, problem = _look(patient_id)
    if found is None:
        st.info(problem)
        return
    _head(visitor, found.patient)
    actions.show_problem(_PLACE)
    left, right = st.columns(2, gap="large")
    with left:
        _record(found.patient)
        _addresses(found.addresses)
    with right:
        _touches(found)
        _leads(found.leads)
        _merges(visitor, found.merges)


def _leave() -> None:
    url_state.open_patient(None)


def forget() -> None:
    """Opened once more, it is noted once more."""
    st.session_state.pop(_LOOKED_AT, None)


def _look(patient_id: int) -> tuple[Profile | None, str]:
    """Noted once for each time that it is opened."""
    if st.session_state.get(_LOOKED_AT) != patient_id:
        _, problem = actions.attempt(lambda session, by: profile.open_profile(session, patient_id, by=by))
        if problem:
            return None, problem
        st.session_state[_LOOKED_AT] = patient_id
    try:
        with context.database().reading() as session:
            return profile.read_profile(session, patient_id), ""
    except GenkoError as error:
        return None, str(error)


def _head(visitor: SignedIn, patient: PatientRecord) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="patient-head"):
        st.header(plain(patient.name))
        if visitor.role is Role.VIEWER:
            return
        _action("Edit", ":material/edit:", Dialog.EDIT_PATIENT, patient.id)
        _action("Create new touch", ":material/add_call:", Dialog.PATIENT_TOUCH, patient.id, patient.name)
        if visitor.role is Role.ADMIN:
            _action("Merge", ":material/merge:", Dialog.MERGE_PATIENTS, patient.id)
            _action("Delete", ":material/delete:", Dialog.DELETE_PATIENT, patient.id)


def _action(label: str, icon: str, what: Dialog, *about: int | str) -> None:
    st.button(label, icon=icon, key=what, on_click=dialog_state.ask, args=(what, *about))


def _record(patient: PatientRecord) -> None:
    number = phone.shown(patient.phone, context.clinic().region) if patient.phone else "No phone"
    with st.container(border=True, gap="xsmall", key="patient-record"):
        st.text(f"📞 {number}\n✉️ {patient.email or 'No email'}")
        if patient.tags:
            st.markdown(" ".join(f":gray-badge[{plain(tag)}]" for tag in patient.tags))
        if patient.first_appointment_at:
            st.caption("First appointment")
            st.text(
                f"{moment(patient.first_appointment_at, context.zone())}\n{patient.first_appointment_note}".strip()
            )
        st.caption("Notes")
        st.text(patient.notes or "No notes.")


def _addresses(found: list[Address]) -> None:
    st.subheader("Conversations")
    if not found:
        st.caption("This patient has not written to us, and nobody has written to them.")
    for one in found:
        with st.container(border=True, gap="xxsmall"):
            st.markdown(f":gray-badge[{plain(one.channel_label)} · {plain(one.account)}]")
            number = phone.shown(one.phone, context.clinic().region) if one.phone else ""
            st.text(
                " · ".join(part for part in (one.profile_name, number) if part) or "No name on the channel"
            )
            _conversation(one)


def _conversation(one: Address) -> None:
    if one.conversation_id is None or one.status is None or one.last_message_at is None:
        return
    st.caption(f"{STATUS[one.status]} · last message {moment(one.last_message_at, context.zone())}")
    if one.preview:
        st.text(one.preview)
    st.page_link(
        url_state.MESSAGES,
        label="Open the conversation",
        icon=":material/forum:",
        query_params={"c": str(one.conversation_id)},
    )


def _touches(found: Profile) -> None:
    st.subheader("Touches")
    with st.container(key="patient-touches"):
        touches.draw(found.touches)


def _leads(found: list[FormerLead]) -> None:
    for lead in found:
        st.subheader("Came from a lead")
        with st.container(border=True, gap="xxsmall", key=f"former-lead-{lead.id}"):
            st.text(f"{lead.name} · {lead.source.label}")
            for step in lead.steps:
                who = f" · {step.by}" if step.by else ""
                st.text(f"{step.stage.capitalize()} — {moment(step.at, context.zone())}{who}")
                if step.reason:
                    st.text(step.reason)


def _merges(visitor: SignedIn, found: list[MergeShown]) -> None:
    if found:
        st.subheader("Merges")
    if merge_id := merges.draw(found, visitor.role):
        actions.act(lambda session, by: merging.undo(session, merge_id, by=by), at=_PLACE, done=merges.UNDONE)
        st.rerun()
