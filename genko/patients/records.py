"""Patients' records."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, phone
from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import NotFound, Refused
from genko.patients.models import Patient


@dataclass(frozen=True)
class PatientRecord:
    id: int
    first_name: str
    last_name: str
    phone: str | None
    email: str | None
    notes: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def add_patient(
    session: Session,
    *,
    by: int,
    region: str,
    first_name: str = "",
    last_name: str = "",
    phone_number: str = "",
    email: str = "",
    notes: str = "",
) -> int:
    """A name and, in any spelling, a phone; Refused without a name."""
    roles.require(session, by, Role.STAFF)
    first_name, last_name = first_name.strip(), last_name.strip()
    if not (first_name or last_name):
        raise Refused("A patient needs a name.")
    now = clock.now()
    patient = Patient(
        first_name=first_name,
        last_name=last_name,
        phone=phone.normalize(phone_number, region) if phone_number.strip() else None,
        email=email.strip().lower() or None,
        notes=notes.strip(),
        created_at=now,
        changed_at=now,
    )
    session.add(patient)
    session.flush()
    audit.record(session, "patient:add", by=by, subject_kind="patient", subject_id=patient.id)
    return patient.id


def get_patient(session: Session, patient_id: int) -> PatientRecord:
    patient = session.get(Patient, patient_id)
    if patient is None:
        raise NotFound("This patient does not exist.")
    return _record(patient)


def find_patients(session: Session, limit: int = 500) -> list[PatientRecord]:
    """Alphabetically, for picking one."""
    rows = session.scalars(
        sa.select(Patient).order_by(Patient.last_name, Patient.first_name, Patient.id).limit(limit)
    )
    return [_record(row) for row in rows]


def _record(patient: Patient) -> PatientRecord:
    return PatientRecord(
        patient.id, patient.first_name, patient.last_name, patient.phone, patient.email, patient.notes
    )
