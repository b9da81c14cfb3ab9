"""The dialogs in which a patient's record is added and edited. Who has the same phone or email is shown before saving."""

from datetime import UTC, datetime, time
from functools import partial

import streamlit as st

from genko.errors import GenkoError
from genko.messages import same_person
from genko.patients import records
from genko.patients.records import PatientFields, PatientRecord
from genko.patients.search import PatientRow
from genko.people import edit_records
from pages.parts.kit import actions, context, dialog_state, url_state
from pages.parts.kit.person_label import shown_phone
from pages.parts.streamlit.markdown import plain

_NEW_PATIENT = PatientRecord(0, "", "", None, None, "", None, "", (), datetime.min.replace(tzinfo=UTC))
_USUAL_TIME = time(9)
_TIME_STEP_S = 300


@st.dialog("Add patient", on_dismiss=dialog_state.close_dialog)
def add() -> None:
    fields = _fields(_NEW_PATIENT)
    if _may_save(fields, _NEW_PATIENT):
        region = context.clinic().region
        patient_id, problem = actions.attempt(
            lambda session, by: records.add(session, fields, by=by, region=region)
        )
        if patient_id:
            url_state.open_patient(patient_id)
        dialog_state.finish(problem, "Patient added.")


@st.dialog("Edit patient", on_dismiss=dialog_state.close_dialog)
def edit(patient_id: int) -> None:
    try:
        with context.database().reading() as session:
            stored = records.get_patient(session, patient_id)
    except GenkoError as error:
        st.info(str(error))
        return
    seen_change = dialog_state.first_seen(stored.changed_at)
    fields = _fields(stored)
    if _may_save(fields, stored):
        save = partial(
            edit_records.edit_patient,
            patient_id=patient_id,
            fields=fields,
            region=context.clinic().region,
            seen=seen_change,
        )
        _, problem = actions.attempt(lambda session, by: save(session, by=by))
        dialog_state.finish(problem, "Patient saved.")


def _fields(stored: PatientRecord) -> PatientFields:
    key = dialog_state.form_key(f"patient-{stored.id}")
    row = st.container(horizontal=True)
    first = row.text_input("First name", stored.first_name, key=f"{key}-first")
    last = row.text_input("Last name", stored.last_name, key=f"{key}-last")
    row = st.container(horizontal=True)
    phone_number = row.text_input(
        "Phone", shown_phone(stored.phone), key=f"{key}-phone", placeholder="With area code"
    )
    email = row.text_input("Email", stored.email or "", key=f"{key}-email")
    tags = st.multiselect(
        "Tags",
        list(stored.tags),
        list(stored.tags),
        key=f"{key}-tags",
        accept_new_options=True,
        placeholder="Type a tag",
        select_all=False,
    )
    appointment_at, note = _appointment(stored, key)
    notes = st.text_area("Notes", stored.notes, key=f"{key}-notes")
    return PatientFields(first, last, phone_number, email, notes, tags, appointment_at, note)


def _appointment(stored: PatientRecord, key: str) -> tuple[datetime | None, str]:
    """Date and time are shown and typed in the clinic's time zone."""
    zone = context.zone()
    local = stored.first_appointment_at.astimezone(zone) if stored.first_appointment_at else None
    row = st.container(horizontal=True)
    day = row.date_input(
        "First appointment", local.date() if local else None, key=f"{key}-day", format="DD/MM/YYYY"
    )
    at = row.time_input("Time", local.time() if local else _USUAL_TIME, key=f"{key}-time", step=_TIME_STEP_S)
    note = st.text_input("Appointment note", stored.first_appointment_note, key=f"{key}-appointment-note")
    return (datetime.combine(day, at, tzinfo=zone).astimezone(UTC) if day else None), note


def _may_save(fields: PatientFields, stored: PatientRecord) -> bool:
    """Whether a button was pressed, by a person who has seen who else has this phone or email."""
    same, patient_id = _find_same(fields, stored), stored.id
    row = st.container(horizontal=True)
    save = row.button("Save", type="primary", key=f"save-{patient_id}")
    # A second button, with a key for exactly these people: the second click of a double click on "Save" must not answer
    # a warning that nobody has read.
    anyway = bool(same) and row.button(
        "Save all the same", key=f"save-same-{patient_id}-{same[0].id}-{len(same)}"
    )
    pressed = dialog_state.submitted(save or anyway)
    if same:
        names = ", ".join(plain(patient.name) for patient in same)
        st.warning(f"This phone or email is on record already: {names}.", icon=":material/group:")
    return pressed and (anyway or not same)


def _find_same(fields: PatientFields, stored: PatientRecord) -> list[PatientRow]:
    with context.database().reading() as session:
        return same_person.find_patients_as_typed(
            session, fields.phone_number, fields.email, context.clinic().region, before=stored
        )
