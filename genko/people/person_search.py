"""Choosing whom to link or merge with, and what is kept of whom."""

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

_MOST = 20  # rows; whoever is not among them is found by typing more


@dataclass(frozen=True)
class Somebody:
    id: int
    name: str
    phone: str | None
    email: str | None

    @classmethod
    def of(cls, one: Lead | LeadRecord | PatientRecord | PatientRow) -> "Somebody":
        return cls(one.id, one.name, one.phone, one.email)


def find_patients(session: Session, typed: str, *, but: int | None = None) -> list[Somebody]:
    found = search.find_page(session, typed, size=_MOST + 1).rows
    return [Somebody.of(one) for one in found if one.id != but][:_MOST]


def find_leads(
    session: Session, typed: str, *, but: int | None = None, is_open: bool = False
) -> list[Somebody]:
    """Newest first. `is_open` leaves out those who have become patients."""
    chosen = sa.select(Lead).where(*conditions(session, LeadFilter(search=typed), clock.now()))
    if is_open:
        chosen = chosen.where(Lead.patient_id.is_(None))
    rows = session.scalars(chosen.where(Lead.id != (but or 0)).order_by(Lead.id.desc()).limit(_MOST))
    return [Somebody.of(one) for one in rows]


def find_same_leads(session: Session, lead_id: int) -> list[Somebody]:
    """Other leads, not converted, of the same phone in any spelling or the same email."""
    same = same_person.find_leads(session, lookup.get(session, lead_id))
    return [Somebody.of(lead) for lead in same]


def find_pairs(session: Session, kind: MergeKind, kept_id: int, gone_id: int) -> list[Pair]:
    """The fields in which somebody has to choose."""
    if kind is MergeKind.PATIENTS:
        return pairs(patients.get(session, kept_id), patients.get(session, gone_id), kind)
    gone = lookup.get(session, gone_id)
    if kind is MergeKind.LEADS:
        return pairs(lookup.get(session, kept_id), gone, kind)
    return pairs(patients.get(session, kept_id), gone, kind)
