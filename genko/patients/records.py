"""Patients' records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db, phone, text
from genko.access import audit, roles
from genko.access.models import Clinic, Role
from genko.errors import NotFound, Refused
from genko.patients import person_fields, search, tags
from genko.patients.models import Patient

_LONGEST_APPOINTMENT_NOTE = 500  # characters
GONE = "This patient does not exist any more."


@dataclass(frozen=True)
class PatientRecord:
    id: int
    first_name: str
    last_name: str
    phone: str | None
    email: str | None
    notes: str
    first_appointment_at: datetime | None
    first_appointment_note: str
    tags: tuple[str, ...]
    changed_at: datetime

    @property
    def name(self) -> str:
        return text.full_name(self.first_name, self.last_name)


@dataclass(frozen=True)
class PatientFields:
    """As typed."""

    first_name: str = ""
    last_name: str = ""
    phone_number: str = ""  # in any spelling
    email: str = ""
    notes: str = ""
    tags: Sequence[str] = ()
    first_appointment_at: datetime | None = None
    first_appointment_note: str = ""


def add(session: Session, fields: PatientFields, *, by: int, region: str) -> int:
    """Refused without a name."""
    roles.require(session, by, Role.STAFF)
    one_at_a_time(session)
    now = clock.now()
    patient = Patient(created_at=now, changed_at=now)
    _fill(patient, fields, region)
    session.add(patient)
    session.flush()
    tags.PATIENTS.put(session, patient.id, tags.clean(fields.tags))
    search.index(session, patient)
    audit.record(session, "patient:add", by=by, subject_kind="patient", subject_id=patient.id)
    return patient.id


def one_at_a_time(session: Session) -> None:
    """Until the transaction ends nobody else makes a patient: who looks for one of the same phone finds every one."""
    session.execute(sa.select(Clinic.id).where(Clinic.id == 1).with_for_update())


def change(
    session: Session,
    patient_id: int,
    fields: PatientFields,
    *,
    by: int,
    region: str,
    seen: datetime | None = None,
) -> None:
    """Names in conversations follow by `people.edit_records`.

    `seen` is the `changed_at` of the record that was edited: what came in since then is not overwritten.
    """
    roles.require(session, by, Role.STAFF)
    patient = lock(session, patient_id)
    if seen is not None and patient.changed_at != seen:
        raise Refused(
            "Somebody else has changed this patient in the meantime. Close the form and open it again."
        )
    _fill(patient, fields, region)
    patient.changed_at = clock.now()
    session.flush()
    tags.PATIENTS.put(session, patient_id, tags.clean(fields.tags))
    search.index(session, patient)
    audit.record(session, "patient:edit", by=by, subject_kind="patient", subject_id=patient_id)


def lock(session: Session, patient_id: int) -> Patient:
    """The record as it is now, kept so until the transaction ends."""
    patient = db.locked(session, Patient, patient_id)
    if patient is None:
        raise NotFound(GONE)
    return patient


def get(session: Session, patient_id: int) -> Patient:
    patient = session.get(Patient, patient_id)
    if patient is None:
        raise NotFound(GONE)
    return patient


def get_patient(session: Session, patient_id: int) -> PatientRecord:
    patient = get(session, patient_id)
    return _record(patient, tags.PATIENTS.of(session, [patient_id]).get(patient_id, []))


def _fill(patient: Patient, fields: PatientFields, region: str) -> None:
    first_name, last_name = person_fields.clean_names(fields.first_name, fields.last_name)
    if not (first_name or last_name):
        raise Refused("A patient needs a name.")
    note = text.storable(fields.first_appointment_note).strip()
    if len(note) > _LONGEST_APPOINTMENT_NOTE:
        raise Refused(
            f"The note on the first appointment has at most {_LONGEST_APPOINTMENT_NOTE} characters."
        )
    if note and fields.first_appointment_at is None:
        raise Refused("Choose the day of the first appointment, or take its note away.")
    number = fields.phone_number.strip()
    patient.first_name, patient.last_name = first_name, last_name
    patient.phone = phone.normalize(number, region) if number else None
    patient.email = person_fields.clean_email(fields.email) or None
    patient.notes = person_fields.clean_notes(fields.notes, patient.notes)
    patient.first_appointment_at = fields.first_appointment_at
    patient.first_appointment_note = note


def _record(patient: Patient, labels: Sequence[str]) -> PatientRecord:
    return PatientRecord(
        patient.id,
        patient.first_name,
        patient.last_name,
        patient.phone,
        patient.email,
        patient.notes,
        patient.first_appointment_at,
        patient.first_appointment_note,
        tuple(labels),
        patient.changed_at,
    )
