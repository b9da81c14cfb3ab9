"""Lists from which staff choose a person to link or merge with, and the fields to choose from."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.leads import lookup
from genko.leads.filters import LeadFilter, conditions
from genko.leads.models import Lead
from genko.leads.records import LeadRecord
from genko.messages import same_person
from genko.patients import records as patients
from genko.patients import search
from genko.patients.records import PatientRecord
from genko.patients.search import PatientRow
from genko.people.merge_choices import Pair, pairs
from genko.people.models import MergeKind

_MOST = 20  # rows; typing more finds the others


@dataclass(frozen=True)
class Somebody:
    id: int
    name: str
    phone: str | None
    email: str | None

    @classmethod
    def of(cls, record: Lead | LeadRecord | PatientRecord | PatientRow) -> "Somebody":
        return cls(record.id, record.name, record.phone, record.email)


def find_patients(session: Session, typed: str, *, but: int | None = None) -> list[Somebody]:
    patients_found = search.find_page(session, typed, size=_MOST + 1).rows
    return [Somebody.of(patient) for patient in patients_found if patient.id != but][:_MOST]


def find_leads(
    session: Session, typed: str, *, but: int | None = None, is_open: bool = False
) -> list[Somebody]:
    """Newest first. `is_open` leaves out leads that have become patients."""
    chosen = sa.select(Lead).where(*conditions(session, LeadFilter(search=typed), clock.now()))
    if is_open:
        chosen = chosen.where(Lead.patient_id.is_(None))
    rows = session.scalars(chosen.where(Lead.id != (but or 0)).order_by(Lead.id.desc()).limit(_MOST))
    return [Somebody.of(lead) for lead in rows]


def find_same_leads(session: Session, lead_id: int) -> list[Somebody]:
    """Other leads, not converted, of the same phone in any spelling or the same email."""
    same = same_person.find_leads(session, lookup.get(session, lead_id))
    return [Somebody.of(lead) for lead in same]


def find_pairs(session: Session, kind: MergeKind, winner_id: int, loser_id: int) -> list[Pair]:
    """The fields in which the two records differ."""
    if kind is MergeKind.PATIENTS:
        return pairs(patients.get(session, winner_id), patients.get(session, loser_id), kind)
    loser = lookup.get(session, loser_id)
    if kind is MergeKind.LEADS:
        return pairs(lookup.get(session, winner_id), loser, kind)
    return pairs(patients.get(session, winner_id), loser, kind)
