"""The form of a patient's record, in a dialog. Somebody of the same phone or email is shown before saving."""

from datetime import UTC, datetime, time
from functools import partial

import streamlit as st

from genko import phone
from genko.errors import GenkoError
from genko.messages import same_person
from genko.patients import records
from genko.patients.records import PatientFields, PatientRecord
from genko.patients.search import PatientRow
from genko.people import edit_records
from pages.parts.kit import actions, context, dialog_state, url_state
from pages.parts.streamlit.markdown import plain

_EMPTY = PatientRecord(0, "", "", None, None, "", None, "", (), datetime.min.replace(tzinfo=UTC))
_NINE = time(9)


@st.dialog("Add patient", on_dismiss=dialog_state.close)
def add() -> None:
    fields = _fields(_EMPTY)
    if _may_save(fields, _EMPTY):
        region = context.clinic().region
        number, problem = actions.attempt(
            lambda session, by: records.add(session, fields, by=by, region=region)
        )
        if number:
            url_state.open_patient(number)
        dialog_state.finish(problem, "Patient added.")


@st.dialog("Edit patient", on_dismiss=dialog_state.close)
def edit(patient_id: int) -> None:
    try:
        with context.database().reading() as session:
            before = records.get_patient(session, patient_id)
    except GenkoError as error:
        st.info(str(error))
        return
    seen, fields = dialog_state.first_seen(before.changed_at), _fields(before)
    if _may_save(fields, before):
        region = context.clinic().region
        verb = partial(
            edit_records.edit_patient, patient_id=patient_id, fields=fields, region=region, seen=seen
        )
        _, problem = actions.attempt(lambda session, by: verb(session, by=by))
        dialog_state.finish(problem, "Patient saved.")


def _fields(before: PatientRecord) -> PatientFields:
    region, key = context.clinic().region, f"patient-{before.id}-{dialog_state.opening()}"
    row = st.container(horizontal=True)
    first = row.text_input("First name", before.first_name, key=f"{key}-first")
    last = row.text_input("Last name", before.last_name, key=f"{key}-last")
    number = phone.shown(before.phone, region) if before.phone else ""
    row = st.container(horizontal=True)
    number = row.text_input("Phone", number, key=f"{key}-phone", placeholder="With area code")
    email = row.text_input("Email", before.email or "", key=f"{key}-email")
    tags = st.multiselect(
        "Tags",
        list(before.tags),
        list(before.tags),
        key=f"{key}-tags",
        accept_new_options=True,
        placeholder="Type a tag",
        select_all=False,
    )
    appointment_at, note = _appointment(before, key)
    notes = st.text_area("Notes", before.notes, key=f"{key}-notes")
    return PatientFields(first, last, number, email, notes, tags, appointment_at, note)


def _appointment(before: PatientRecord, key: str) -> tuple[datetime | None, str]:
    """In the clinic's zone."""
    zone = context.zone()
    local = before.first_appointment_at.astimezone(zone) if before.first_appointment_at else None
    row = st.container(horizontal=True)
    day = row.date_input(
        "First appointment", local.date() if local else None, key=f"{key}-day", format="DD/MM/YYYY"
    )
    at = row.time_input("Time", local.time() if local else _NINE, key=f"{key}-time", step=300)
    note = st.text_input("Appointment note", before.first_appointment_note, key=f"{key}-appointment-note")
    return (datetime.combine(day, at, tzinfo=zone).astimezone(UTC) if day else None), note


def _may_save(fields: PatientFields, before: PatientRecord) -> bool:
    """Pressed, and whoever pressed has seen who else has this phone or email."""
    same, name = _same(fields, before), before.id
    # Beside it, not in its place: the second click of a double click must not answer what nobody has read.
    row = st.container(horizontal=True)
    save = row.button("Save", type="primary", key=f"save-{name}")
    anyway = bool(same) and row.button("Save all the same", key=f"save-same-{name}-{same[0].id}-{len(same)}")
    pressed = dialog_state.tried(save or anyway)
    if same:
        names = ", ".join(plain(one.name) for one in same)
        st.warning(f"This phone or email is on record already: {names}.", icon=":material/group:")
    return pressed and (anyway or not same)


def _same(fields: PatientFields, before: PatientRecord) -> list[PatientRow]:
    with context.database().reading() as session:
        return same_person.find_patients_as_typed(
            session, fields.phone_number, fields.email, context.clinic().region, before=before
        )
