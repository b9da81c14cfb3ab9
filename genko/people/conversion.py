"""A lead becomes a patient: once, however many people press the button and however often."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import Refused
from genko.leads import lookup, pipeline, records
from genko.leads.models import Lead, LeadStage
from genko.messages import same_person
from genko.messages.models import Identity, Touch
from genko.patients import person_fields, search
from genko.patients import records as patients
from genko.patients.models import Patient
from genko.patients.search import PatientRow
from genko.people import display_names, lead_history, locks, record_tags


@dataclass(frozen=True)
class Converted:
    patient_id: int
    already: bool


def convert(
    session: Session,
    lead_id: int,
    *,
    by: int,
    into: int | None = None,
    declined: Collection[int] = (),
    first_name: str = "",
    last_name: str = "",
) -> Converted:
    """Into a new patient, or into one that exists.

    `declined` are the ids of patients with the same phone or email whom staff have seen and know to be somebody else: a
    second record of one person is never made unseen. `first_name` and `last_name` are for a lead that has no name yet.
    """
    roles.require(session, by, Role.STAFF)
    locks.hold(session, leads=[lead_id], patients=[into] if into else [])
    lead = lookup.get(session, lead_id)
    if lead.patient_id is not None:
        return _again(session, lead, into)
    if not lead.name:
        records.rename(lead, *person_fields.clean_names(first_name, last_name))
    if missing := _missing(session, lead, named=bool(lead.name or into)):
        raise Refused(missing)
    patient = patients.get(session, into) if into else _new_patient(session, lead, declined)
    _step(session, lead, patient, by)
    _hand_over(session, lead, patient)
    audit.record(
        session,
        "lead:convert",
        by=by,
        subject_kind="lead",
        subject_id=lead.id,
        detail=f"patient {patient.id}",
    )
    return Converted(patient.id, already=False)


def obstacle(session: Session, lead_id: int) -> str:
    """Why the lead cannot be converted, as a sentence; empty when it can, even if it still needs a name."""
    lead = lookup.get(session, lead_id)
    if lead.patient_id is not None:
        return pipeline.already_converted(session, lead.id)
    return "" if _is_reachable(session, lead) else _missing(session, lead, named=bool(lead.name))


def find_same_patients(session: Session, lead_id: int) -> list[PatientRow]:
    """Patients with the phone of the lead or of one of its addresses, or with its email."""
    lead = lookup.get(session, lead_id)
    return _same(session, lead)


def _same(session: Session, lead: Lead) -> list[PatientRow]:
    addresses = locks.identities_of_lead(session, lead.id)
    phones = dict.fromkeys([lead.phone, *(identity.phone for identity in addresses)])
    same = [row for phone in phones for row in same_person.find_patients(session, phone, lead.email)]
    return list({row.id: row for row in same}.values())


def _again(session: Session, lead: Lead, into: int | None) -> Converted:
    if lead.patient_id is None or into not in {None, lead.patient_id}:
        raise Refused(pipeline.already_converted(session, lead.id))
    return Converted(lead.patient_id, already=True)


def _missing(session: Session, lead: Lead, *, named: bool) -> str:
    reachable = _is_reachable(session, lead)
    if not named and not reachable:
        return "Add a name and a phone number first."
    if not named:
        return "Add a name first."
    return "" if reachable else "Add a phone number first."


def _is_reachable(session: Session, lead: Lead) -> bool:
    identity = sa.select(Identity.id).where(Identity.lead_id == lead.id).limit(1)
    return bool(lead.phone) or session.scalar(identity) is not None


def _new_patient(session: Session, lead: Lead, declined: Collection[int]) -> Patient:
    patients.one_at_a_time(session)
    if any(row.id not in declined for row in _same(session, lead)):
        raise Refused(
            "A patient with this phone or email exists already. Choose whether it is the same person."
        )
    now = clock.now()
    patient = Patient(created_at=now, changed_at=now)
    session.add(patient)
    session.flush()
    return patient


def _step(session: Session, lead: Lead, patient: Patient, by: int) -> None:
    now = clock.now()
    pipeline.note_steps(session, {lead.id: lead.stage}, LeadStage.CONVERTED, by=by)
    lead.stage, lead.stage_changed_at, lead.changed_at = LeadStage.CONVERTED, now, now
    lead.patient_id, lead.converted_at, lead.converted_by = patient.id, now, by
    lead.accepted_at, lead.lost_reason = lead.accepted_at or now, ""
    session.flush()


def _hand_over(session: Session, lead: Lead, patient: Patient) -> None:
    """Fills what is empty in the patient's record. Nothing that the patient has is overwritten."""
    if not patient.name:
        patient.first_name, patient.last_name = lead.first_name, lead.last_name
    patient.phone = patient.phone or lead.phone
    patient.email = patient.email or lead.email
    patient.notes = lead_history.joined(patient.notes, lead.notes, lead_history.line(session, lead))
    patient.changed_at = clock.now()
    record_tags.add(session, patient, record_tags.of(session, lead))
    identities = locks.identities_of_lead(session, lead.id)
    for identity in identities:
        identity.patient_id = patient.id
    session.execute(
        sa.update(Touch).where(Touch.lead_id == lead.id).values(patient_id=patient.id, lead_id=None)
    )
    session.flush()
    search.index(session, patient)
    records.reindex(session, lead)
    display_names.rename(session, identities)
