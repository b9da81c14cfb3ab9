"""The profile of one patient: the record, their conversations, touches, the lead that they were, and merges."""

import streamlit as st

from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.errors import GenkoError
from genko.patients.records import PatientRecord
from genko.people import merging, profile
from genko.people.profile import Address, FormerLead, MergeShown, Profile
from pages.parts.kit import actions, context, dialog_state, url_state
from pages.parts.kit.dialog_state import Dialog
from pages.parts.kit.labels import STATUS
from pages.parts.kit.person_label import shown_phone
from pages.parts.kit.times import moment
from pages.parts.people import merges, touches
from pages.parts.streamlit.markdown import plain

_VIEWED = "patient-viewed"  # the id of the patient whose profile was opened last, in the session state
_PLACE = "patient"  # where the profile shows what was refused


def draw(visitor: SignedIn, patient_id: int) -> None:
    st.button(
        "All patients", icon=":material/arrow_back:", key="all-patients", type="tertiary", on_click=_leave
    )
    shown, problem = _read(patient_id)
    if shown is None:
        st.info(problem)
        return
    _head(visitor, shown.patient)
    actions.show_problem(_PLACE)
    left, right = st.columns(2, gap="large")
    with left:
        _record(shown.patient)
        _addresses(shown.addresses)
    with right:
        _touches(shown)
        _former_leads(shown.leads)
        _merges(visitor, shown.merges)


def _leave() -> None:
    url_state.open_patient(None)


def forget() -> None:
    """The next time that a profile is opened, the view is noted in the audit log again."""
    st.session_state.pop(_VIEWED, None)


def _read(patient_id: int) -> tuple[Profile | None, str]:
    """The profile, or why it cannot be shown. The audit log gets one entry each time that it is opened."""
    if st.session_state.get(_VIEWED) != patient_id:
        _, problem = actions.attempt(lambda session, by: profile.open_profile(session, patient_id, by=by))
        if problem:
            return None, problem
        st.session_state[_VIEWED] = patient_id
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
        _dialog_button("Edit", ":material/edit:", Dialog.EDIT_PATIENT, patient.id)
        _dialog_button(
            "Create new touch", ":material/add_call:", Dialog.PATIENT_TOUCH, patient.id, patient.name
        )
        if visitor.role is Role.ADMIN:
            _dialog_button("Merge", ":material/merge:", Dialog.MERGE_PATIENTS, patient.id)
            _dialog_button("Delete", ":material/delete:", Dialog.DELETE_PATIENT, patient.id)


def _dialog_button(label: str, icon: str, dialog: Dialog, *arguments: int | str) -> None:
    st.button(label, icon=icon, key=dialog, on_click=dialog_state.open_dialog, args=(dialog, *arguments))


def _record(patient: PatientRecord) -> None:
    with st.container(border=True, gap="xsmall", key="patient-record"):
        st.text(f"📞 {shown_phone(patient.phone) or 'No phone'}\n✉️ {patient.email or 'No email'}")
        if patient.tags:
            st.markdown(" ".join(f":gray-badge[{plain(tag)}]" for tag in patient.tags))
        if patient.first_appointment_at:
            st.caption("First appointment")
            at = moment(patient.first_appointment_at, context.zone())
            st.text(f"{at}\n{patient.first_appointment_note}".strip())
        st.caption("Notes")
        st.text(patient.notes or "No notes.")


def _addresses(addresses: list[Address]) -> None:
    st.subheader("Conversations")
    if not addresses:
        st.caption("This patient has not written to us, and nobody has written to them.")
    for address in addresses:
        with st.container(border=True, gap="xxsmall"):
            st.markdown(f":gray-badge[{plain(address.channel_label)} · {plain(address.account)}]")
            parts = (address.profile_name, shown_phone(address.phone))
            st.text(" · ".join(part for part in parts if part) or "No name on the channel")
            _conversation(address)


def _conversation(address: Address) -> None:
    if address.conversation_id is None or address.status is None or address.last_message_at is None:
        return
    at = moment(address.last_message_at, context.zone())
    st.caption(f"{STATUS[address.status]} · last message {at}")
    if address.preview:
        st.text(address.preview)
    st.page_link(
        url_state.MESSAGES,
        label="Open the conversation",
        icon=":material/forum:",
        query_params={"c": str(address.conversation_id)},
    )


def _touches(shown: Profile) -> None:
    st.subheader("Touches")
    with st.container(key="patient-touches"):
        touches.draw(shown.touches)


def _former_leads(leads: list[FormerLead]) -> None:
    for lead in leads:
        st.subheader("Came from a lead")
        with st.container(border=True, gap="xxsmall", key=f"former-lead-{lead.id}"):
            st.text(f"{lead.name} · {lead.source.label}")
            for step in lead.steps:
                by = f" · {step.by}" if step.by else ""
                st.text(f"{step.stage.capitalize()} — {moment(step.at, context.zone())}{by}")
                if step.reason:
                    st.text(step.reason)


def _merges(visitor: SignedIn, shown: list[MergeShown]) -> None:
    if shown:
        st.subheader("Merges")
    if merge_id := merges.draw(shown, visitor.role):
        actions.act(lambda session, by: merging.undo(session, merge_id, by=by), at=_PLACE, done=merges.UNDONE)
        st.rerun()
