"""Who may be the same person: the same phone in any spelling, the same email, a very similar name."""

from dataclasses import dataclass
from difflib import SequenceMatcher

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import phone, text
from genko.errors import Refused
from genko.leads.filters import INDEX
from genko.leads.models import Lead, LeadStage
from genko.leads.records import LeadFields
from genko.patients.models import Patient

_SIMILAR = 0.88  # of two names; `Jon Smith` and `John Smyth` are 0.84, `Jon Smith` and `John Smith` 0.95
_CANDIDATES = 200
_SHOWN = 5


@dataclass(frozen=True)
class Duplicate:
    """`stage` is None for a patient."""

    id: int
    name: str
    phone: str | None
    email: str | None
    stage: LeadStage | None
    why: str


def find_duplicates(
    session: Session, fields: LeadFields, region: str, lead_id: int | None = None
) -> list[Duplicate]:
    """The surest first. Fields as typed; what is no phone finds nobody by it."""
    spellings, email = _spellings(fields.phone_number, region), fields.email.strip().lower()
    name = _folded(f"{fields.first_name} {fields.last_name}")
    found = [
        _duplicate(one, why)
        for one in _candidates(session, spellings, email, name)
        if not (isinstance(one, Lead) and one.id == lead_id) and (why := _reason(one, spellings, email, name))
    ]
    return sorted(found, key=lambda one: _REASONS.index(one.why))[:_SHOWN]


_REASONS = ("same phone", "same email", "similar name")


def _spellings(typed: str, region: str) -> list[str]:
    try:
        return phone.variants(phone.normalize(typed, region)) if typed.strip() else []
    except Refused:
        return []


def _candidates(session: Session, spellings: list[str], email: str, name: str) -> list[Lead | Patient]:
    found: list[Lead | Patient] = []
    for kind in (Lead, Patient):
        known = sa.or_(kind.phone.in_(spellings), kind.email == email if email else sa.false())
        found += session.scalars(sa.select(kind).where(known).order_by(kind.id).limit(_CANDIDATES))
    return [*found, *(one for one in _alike(session, name) if one not in found)]


def _alike(session: Session, name: str) -> list[Lead]:
    """Whose words begin as the name's do; the rest is for `_reason` to compare."""
    if not name:
        return []
    alike = INDEX.matches(session, [word[:2] for word in name.split()]).limit(_CANDIDATES)
    return list(session.scalars(sa.select(Lead).where(Lead.id.in_(sa.select(alike.subquery().c.id)))))


def _reason(one: Lead | Patient, spellings: list[str], email: str, name: str) -> str:
    if one.phone in spellings:
        return "same phone"
    if email and one.email == email:
        return "same email"
    similar = name and SequenceMatcher(None, name, _folded(one.name)).ratio() >= _SIMILAR
    return "similar name" if similar else ""


def _folded(name: str) -> str:
    """Whichever name stands first."""
    return " ".join(sorted(text.words(name)))


def _duplicate(one: Lead | Patient, why: str) -> Duplicate:
    stage = one.stage if isinstance(one, Lead) else None
    return Duplicate(one.id, one.name, one.phone, one.email, stage, why)
