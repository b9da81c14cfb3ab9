"""Leads and patients with a phone number or an email."""

from collections.abc import Sequence
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import text
from genko.leads.models import Lead
from genko.messages.same_person.keys import keys, matches, typed_keys
from genko.patients import search
from genko.patients.models import Patient
from genko.patients.search import PatientRow

_MOST_LEADS = 20  # rows


class _Person(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...


def find_patients(
    session: Session, phone: str | None, email: str | None, *, but: int | None = None
) -> list[PatientRow]:
    """The oldest first, without the patient whose id is `but`."""
    return _patients(session, keys(phone, email), but)


def find_patients_as_typed(
    session: Session, phone: str, email: str, region: str, *, before: _Person
) -> list[PatientRow]:
    """Asked for what is new in a patient's form only: families share a phone or an email."""
    known_as, typed_email = typed_keys(phone, email, region)
    new_phone = [] if before.phone and before.phone == next(iter(known_as), None) else known_as
    new_email = [typed_email] if typed_email and typed_email != before.email else []
    return _patients(session, [*new_phone, *new_email], before.id)


def _patients(session: Session, shared: Sequence[str], but: int | None) -> list[PatientRow]:
    if not shared:
        return []
    same = matches(shared, Patient.phone, Patient.email)
    return search.rows(session, sa.select(Patient).where(same, Patient.id != (but or 0)).order_by(Patient.id))


def find_leads(session: Session, lead: Lead) -> Sequence[Lead]:
    """Other leads that have not become patients, the newest first."""
    same = matches(keys(lead.phone, lead.email), Lead.phone, Lead.email)
    others = sa.select(Lead).where(same, Lead.id != lead.id, Lead.patient_id.is_(None))
    return session.scalars(others.order_by(Lead.id.desc()).limit(_MOST_LEADS)).all()


def first_name_on_record(session: Session, phone: str) -> str | None:
    """The full name of the oldest patient with this phone, else of the oldest lead; None when nobody has it."""
    for kind in (Patient, Lead):
        of_phone = matches(keys(phone, None), kind.phone)
        oldest = sa.select(kind.first_name, kind.last_name).where(of_phone).order_by(kind.id).limit(1)
        if row := session.execute(oldest).first():
            return text.full_name(*row) or "a lead without a name"
    return None
