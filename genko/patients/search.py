"""Where patients are found: by name, email, or phone in any spelling."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import search
from genko.paging import Page, find_place
from genko.patients import tags
from genko.patients.models import Patient

PAGE = 50  # rows
INDEX = search.Index("patient_search", "patient_id")


@dataclass(frozen=True)
class PatientRow:
    id: int
    name: str
    phone: str | None
    email: str | None
    tags: tuple[str, ...]


def find_page(session: Session, typed: str, page: int = 1, size: int = PAGE) -> Page[PatientRow]:
    """Alphabetically."""
    chosen = sa.select(Patient).where(*INDEX.narrowed(session, Patient.id, typed))
    total = session.scalar(sa.select(sa.func.count()).select_from(chosen.subquery())) or 0
    place = find_place(page, total, size)
    ordered = chosen.order_by(Patient.sort_name, Patient.id).limit(size).offset(place.skipped)
    return Page.at(place, rows(session, ordered))


def index(session: Session, patient: Patient) -> None:
    INDEX.replace(session, patient.id, search.person_words(patient.name, patient.phone, patient.email))


def rows(session: Session, chosen: sa.Select[Patient]) -> list[PatientRow]:
    found = session.scalars(chosen).all()
    labels = tags.PATIENTS.of(session, [one.id for one in found])
    return [
        PatientRow(one.id, one.name, one.phone, one.email, tuple(labels.get(one.id, ()))) for one in found
    ]
