"""Who may be the same person: the same phone in any spelling, the same email, a very similar name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import phone, text
from genko.errors import Refused
from genko.leads.filters import INDEX as LEADS_INDEX
from genko.leads.models import Lead, LeadStage
from genko.leads.records import LeadFields
from genko.patients.models import Patient
from genko.patients.search import INDEX as PATIENTS_INDEX
from genko.search import Index

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
    session: Session,
    fields: LeadFields,
    region: str,
    lead_id: int | None = None,
    writers: Sequence[Lead | Patient] = (),
) -> list[Duplicate]:
    """The surest first. Fields as typed; what is no phone finds nobody by it. `writers` write to us from that phone."""
    numbers, email = spellings(fields.phone_number, region), fields.email.strip().lower()
    name = _folded(text.full_name(fields.first_name, fields.last_name))
    looked = [(one, _reason(one, numbers, email, name) or _WRITES) for one in writers]
    others = chain(_known(session, numbers, email), _alike(session, fields, name))
    looked += [(one, _reason(one, numbers, email, name)) for one in others]
    found = {(type(one), one.id): _duplicate(one, why) for one, why in looked if why}
    for kind, number in _oneself(session, lead_id):
        found.pop((kind, number), None)
    return sorted(found.values(), key=lambda one: _REASONS.index(one.why))[:_SHOWN]


def _oneself(session: Session, lead_id: int | None) -> list[tuple[type[Lead | Patient], int]]:
    """The lead, and the patient that it has become."""
    lead = session.get(Lead, lead_id) if lead_id else None
    return [(Lead, lead.id), (Patient, lead.patient_id or 0)] if lead else []


_WRITES = "writes from this phone"
_REASONS = ("same phone", _WRITES, "same email", "similar name")


def spellings(typed: str, region: str) -> list[str]:
    """Under which a phone may be known; none for what is no phone."""
    try:
        return phone.variants(phone.normalize(typed, region)) if typed.strip() else []
    except Refused:
        return []


def _known(session: Session, numbers: list[str], email: str) -> Iterator[Lead | Patient]:
    for kind in _INDEXES:
        known = sa.or_(kind.phone.in_(numbers), kind.email == email if email else sa.false())
        yield from _newest(session, kind, known)


def _alike(session: Session, fields: LeadFields, name: str) -> Iterator[Lead | Patient]:
    """Of this very name, then of its words, then of words that begin as they do; the rest is for `_reason` to compare."""
    first, last, words = fields.first_name, fields.last_name, name.split()
    for kind, index in _INDEXES.items() if words else ():
        exact = kind.sort_name.in_([text.sort_name(first, last), text.sort_name(last, first)])
        yield from _newest(session, kind, exact)
        for found in (
            index.matches(session, words, whole=True),
            index.matches(session, [word[:2] for word in words]),
        ):
            # PostgreSQL takes every name for a common one; without the `+ 0` it would read the whole table by its key.
            newest = found.order_by(sa.desc(found.selected_columns.id + 0)).limit(_CANDIDATES).subquery()
            yield from _newest(session, kind, kind.id.in_(sa.select(newest.c.id)))


def _newest(
    session: Session, kind: type[Lead | Patient], which: sa.ColumnElement[bool]
) -> Sequence[Lead | Patient]:
    chosen: sa.Select[Any] = sa.select(kind).where(which).order_by(kind.id.desc()).limit(_CANDIDATES)
    return session.scalars(chosen).all()


_INDEXES: dict[type[Lead | Patient], Index] = {Lead: LEADS_INDEX, Patient: PATIENTS_INDEX}


def _reason(one: Lead | Patient, numbers: list[str], email: str, name: str) -> str:
    if one.phone in numbers:
        return "same phone"
    if email and one.email == email:
        return "same email"
    return "similar name" if name and similar(name, one.name) else ""


def similar(name: str, other: str) -> bool:
    """Whichever of their words stands first."""
    return SequenceMatcher(None, _folded(name), _folded(other)).ratio() >= _SIMILAR


def _folded(name: str) -> str:
    return " ".join(sorted(text.words(name)))


def _duplicate(one: Lead | Patient, why: str) -> Duplicate:
    stage = one.stage if isinstance(one, Lead) else None
    return Duplicate(one.id, one.name, one.phone, one.email, stage, why)
