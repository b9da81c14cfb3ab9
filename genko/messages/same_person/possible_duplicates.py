"""Who may be the person whose lead is about to be saved: staff see them before they save."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import text
from genko.leads.filters import INDEX as LEADS_INDEX
from genko.leads.models import Lead, LeadStage
from genko.leads.records import LeadFields
from genko.messages.models import Identity
from genko.messages.same_person.keys import matches, typed_keys
from genko.messages.same_person.names import are_similar
from genko.patients.models import Patient
from genko.patients.search import INDEX as PATIENTS_INDEX
from genko.search import Index

_CANDIDATES = 200  # records compared by name
_SHOWN = 5
_Record = Lead | Patient


class _Reason(StrEnum):
    """The surest first."""

    PHONE = "same phone"
    WRITES = "writes from this phone"
    EMAIL = "same email"
    NAME = "similar name"


@dataclass(frozen=True)
class Duplicate:
    """`stage` is None for a patient."""

    id: int
    name: str
    phone: str | None
    email: str | None
    stage: LeadStage | None
    why: str


@dataclass(frozen=True)
class _Typed:
    spellings: Sequence[str]
    email: str
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        return text.full_name(self.first_name, self.last_name)


def find_possible_duplicates(
    session: Session, fields: LeadFields, region: str, lead_id: int | None = None
) -> list[Duplicate]:
    """The surest first. `fields` as typed; what is no phone number finds nobody by it."""
    spellings, email = typed_keys(fields.phone_number, fields.email, region)
    typed = _Typed(spellings, email, fields.first_name, fields.last_name)
    reasons: dict[tuple[type[_Record], int], tuple[_Record, _Reason]] = {}
    for record, reason in _candidates(session, typed):
        reasons.setdefault((type(record), record.id), (record, reason))
    for key in _oneself(session, lead_id):
        reasons.pop(key, None)
    order = list(_Reason)
    surest = sorted(reasons.values(), key=lambda candidate: order.index(candidate[1]))[:_SHOWN]
    return [_duplicate(record, reason) for record, reason in surest]


def _candidates(session: Session, typed: _Typed) -> Iterator[tuple[_Record, _Reason]]:
    for record in _writers(session, typed):
        yield record, _reason(record, typed) or _Reason.WRITES
    for record in [*_with_keys(session, typed), *_with_similar_names(session, typed)]:
        if reason := _reason(record, typed):
            yield record, reason


def _oneself(session: Session, lead_id: int | None) -> list[tuple[type[_Record], int]]:
    """The lead, and the patient that it has become."""
    lead = session.get(Lead, lead_id) if lead_id else None
    return [(Lead, lead.id), (Patient, lead.patient_id or 0)] if lead else []


def _writers(session: Session, typed: _Typed) -> Iterator[_Record]:
    """People who write to us from this phone, whatever their record says."""
    of_phone = sa.select(Identity).where(matches(typed.spellings, Identity.phone)).order_by(Identity.id)
    for identity in session.scalars(of_phone) if typed.spellings else ():
        record: _Record | None = None
        if identity.patient_id:
            record = session.get(Patient, identity.patient_id)
        elif identity.lead_id:
            record = session.get(Lead, identity.lead_id)
        if record:
            yield record


def _with_keys(session: Session, typed: _Typed) -> Iterator[_Record]:
    shared = [*typed.spellings, *([typed.email] if typed.email else [])]
    for kind in _INDEXES if shared else ():
        yield from _newest(session, kind, matches(shared, kind.phone, kind.email))


def _with_similar_names(session: Session, typed: _Typed) -> Iterator[_Record]:
    """Records of this very name, then with its words, then with words that begin alike. `_reason` compares the rest."""
    words = sorted(text.words(typed.name))
    orders = (typed.first_name, typed.last_name), (typed.last_name, typed.first_name)
    sort_names = [text.sort_name(*names) for names in orders]
    for kind, index in _INDEXES.items() if words else ():
        yield from _newest(session, kind, kind.sort_name.in_(sort_names))
        for indexed in (
            index.matches(session, words, whole=True),
            index.matches(session, [word[:2] for word in words]),
        ):
            # PostgreSQL takes every name for a common one; without the `+ 0` it would read the whole table by its key.
            newest = indexed.order_by(sa.desc(indexed.selected_columns.id + 0)).limit(_CANDIDATES).subquery()
            yield from _newest(session, kind, kind.id.in_(sa.select(newest.c.id)))


def _newest(session: Session, kind: type[_Record], which: sa.ColumnElement[bool]) -> Sequence[_Record]:
    chosen: sa.Select[Any] = sa.select(kind).where(which).order_by(kind.id.desc()).limit(_CANDIDATES)
    return session.scalars(chosen).all()


_INDEXES: dict[type[_Record], Index] = {Lead: LEADS_INDEX, Patient: PATIENTS_INDEX}


def _reason(record: _Record, typed: _Typed) -> _Reason | None:
    if record.phone in typed.spellings:
        return _Reason.PHONE
    if typed.email and record.email == typed.email:
        return _Reason.EMAIL
    return _Reason.NAME if typed.name and are_similar(typed.name, record.name) else None


def _duplicate(record: _Record, reason: _Reason) -> Duplicate:
    stage = record.stage if isinstance(record, Lead) else None
    return Duplicate(record.id, record.name, record.phone, record.email, stage, reason.value)
