"""Which rows of an imported file are about somebody we know: by the phone in any spelling, else by the email."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db, text
from genko.leads.models import Lead
from genko.leads.records import LeadFields
from genko.messages import same_person
from genko.messages.models import Identity
from genko.patients.models import Patient
from genko.people.models import Merge

ANOTHER_NAME = (
    "Somebody of another name has this phone number or email. If it is somebody else, add them by hand."
)
_BY_PHONE = "The phone number is known."
_BY_EMAIL = "The email is known."
_BY_EMAIL_ONLY = "The email is known, the phone number is not. Add it to that person by hand."


class _Row(NamedTuple):
    first_name: str
    last_name: str
    phone: str | None
    email: str | None
    is_named: bool  # staff gave the name, or the person is a patient


_Query = sa.Select[str, str, str | None, str | None, bool]


@dataclass(frozen=True)
class _Person:
    name: str  # empty unless staff gave it
    has_phone: bool


class KnownPeople:
    """Leads, patients, everybody who was merged into them, and the people of earlier rows. Cleaned fields."""

    def __init__(self, session: Session, rows: Iterable[LeadFields]) -> None:
        self._people = defaultdict[str, list[_Person]](list)  # by spelling of the phone, and by email
        shared = {key for fields in rows for key in same_person.keys(fields.phone_number, fields.email)}
        for batch in db.in_batches(shared, 5000):
            for query in _queries(batch):
                for row in map(_Row._make, session.execute(query)):
                    name = text.full_name(row.first_name, row.last_name) if row.is_named else ""
                    self._put(name, row.phone, row.email)

    def add(self, fields: LeadFields) -> None:
        self._put(text.full_name(fields.first_name, fields.last_name), fields.phone_number, fields.email)

    def why_known(self, fields: LeadFields) -> str:
        """The sentence for why a row is left out; empty for a new person."""
        phone, name = fields.phone_number, text.full_name(fields.first_name, fields.last_name)
        people, sentence = self._people.get(phone, []), _BY_PHONE
        if not people:
            # A family may share an email: two phones are two people.
            of_email = self._people.get(fields.email, [])
            people = [person for person in of_email if not (phone and person.has_phone)]
            sentence = _BY_EMAIL_ONLY if phone else _BY_EMAIL
        if not people:
            return ""
        is_one_of_them = any(same_person.may_be_the_same(name, person.name) for person in people)
        return sentence if is_one_of_them else ANOTHER_NAME

    def _put(self, name: str, phone: str | None, email: str | None) -> None:
        for key in same_person.keys(phone, email):
            self._people[key].append(_Person(name, bool(phone)))


def _queries(shared: Collection[str]) -> Iterator[_Query]:
    yield _with_a_record(Lead, Lead.name_typed, shared)
    yield _with_a_record(Patient, sa.true(), shared)
    yield _writers(shared)
    yield from _merged(shared)


def _with_a_record(
    kind: type[Lead | Patient], is_named: sa.SQLColumnExpression[bool], shared: Collection[str]
) -> _Query:
    columns = sa.select(kind.first_name, kind.last_name, kind.phone, kind.email, is_named)
    return columns.where(same_person.matches(shared, kind.phone, kind.email))


def _writers(shared: Collection[str]) -> _Query:
    """People who write to us from this phone, whatever their record says."""
    is_patient = Patient.id.is_not(None)
    return (
        sa.select(
            sa.func.coalesce(Patient.first_name, Lead.first_name),
            sa.func.coalesce(Patient.last_name, Lead.last_name),
            Identity.phone,
            sa.cast(sa.null(), sa.Text),
            sa.or_(is_patient, Lead.name_typed),
        )
        .outerjoin(Patient, Patient.id == Identity.patient_id)
        .outerjoin(Lead, Lead.id == Identity.lead_id)
        .where(same_person.matches(shared, Identity.phone), sa.or_(is_patient, Lead.id.is_not(None)))
    )


def _merged(shared: Collection[str]) -> Iterator[_Query]:
    """Records that were merged into another one, and that one as it was before: a phone that nobody chose is known too."""
    for snapshot in (Merge.loser, Merge.winner_before):
        first_name, last_name, phone, email = (
            snapshot[column].as_string() for column in ("first_name", "last_name", "phone", "email")
        )
        is_named = sa.func.coalesce(snapshot["name_typed"].as_boolean(), sa.true())  # a patient always is
        columns = sa.select(first_name, last_name, phone, email, is_named)
        yield columns.where(Merge.undone_at.is_(None), same_person.matches(shared, phone, email))
