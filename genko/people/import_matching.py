"""Who of a file is here already: by the phone in any spelling, else by the email."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from genko import db, phone, text
from genko.leads import duplicates
from genko.leads.models import Lead
from genko.leads.records import LeadFields
from genko.messages.models import Identity
from genko.patients.models import Patient
from genko.people.models import Merge

ANOTHER_NAME = (
    "Somebody of another name has this phone number or email. If it is somebody else, add them by hand."
)
_BY_PHONE = "The phone number is known."
_BY_EMAIL = "The email is known."
_BY_EMAIL_ONLY = "The email is known, the phone number is not. Add it to that person by hand."


@dataclass(frozen=True)
class _Person:
    name: str  # empty unless somebody of ours gave it
    has_phone: bool


class Known:
    """Leads, patients, who was merged into them, and those of earlier rows. Cleaned fields."""

    def __init__(self, session: Session, wanted: Iterable[LeadFields]) -> None:
        self._people = defaultdict[str, list[_Person]](list)  # by spelling of the phone, by email
        keys = {key for one in wanted for key in _keys(one.phone_number, one.email)}
        for batch in db.in_batches(keys, 5000):
            for lookup in _lookups(batch):
                for first, last, number, email, is_named in session.execute(lookup):
                    self._put(text.full_name(first, last) if is_named else "", number, email)

    def add(self, fields: LeadFields) -> None:
        self._put(text.full_name(fields.first_name, fields.last_name), fields.phone_number, fields.email)

    def why(self, fields: LeadFields) -> str:
        """The sentence for why somebody is left out; empty for a new person."""
        number, name = fields.phone_number, text.full_name(fields.first_name, fields.last_name)
        found, sentence = self._people.get(number, []), _BY_PHONE
        if not found:
            # A family may share an email: two phones are two people.
            found = [one for one in self._people.get(fields.email, []) if not (number and one.has_phone)]
            sentence = _BY_EMAIL_ONLY if number else _BY_EMAIL
        if found and not any(_may_be(name, one.name) for one in found):
            return ANOTHER_NAME
        return sentence if found else ""

    def _put(self, name: str, number: str | None, email: str | None) -> None:
        for key in _keys(number, email):
            self._people[key].append(_Person(name, bool(number)))


_Asked = sa.Select[
    *tuple[Any, ...]
]  # first and last name, phone, email, whether somebody of ours gave the name


def _lookups(keys: Sequence[str]) -> tuple[_Asked, ...]:
    """By spellings of phones and by emails."""

    def known(column: _Column) -> sa.ColumnElement[bool]:
        return column.in_(keys)

    return (
        _with_a_record(Lead, known),
        _with_a_record(Patient, known),
        _who_write(known),
        *_merged(known),
    )


_Column = sa.ColumnElement[Any] | InstrumentedAttribute[Any]
_Known = Callable[[_Column], sa.ColumnElement[bool]]


def _with_a_record(kind: type[Lead | Patient], known: _Known) -> _Asked:
    theirs = sa.or_(known(kind.phone), known(kind.email))
    is_named = Lead.name_typed if kind is Lead else sa.true()
    return sa.select(kind.first_name, kind.last_name, kind.phone, kind.email, is_named).where(theirs)


def _who_write(known: _Known) -> _Asked:
    """From this phone, whatever their record says."""
    first, last = (
        sa.func.coalesce(getattr(Patient, one), getattr(Lead, one)) for one in ("first_name", "last_name")
    )
    is_named = sa.or_(Patient.id.is_not(None), Lead.name_typed)
    return (
        sa.select(first, last, Identity.phone, sa.null(), is_named)
        .outerjoin(Patient, Patient.id == Identity.patient_id)
        .outerjoin(Lead, Lead.id == Identity.lead_id)
        .where(known(Identity.phone), sa.or_(Patient.id.is_not(None), Lead.id.is_not(None)))
    )


def _merged(known: _Known) -> Iterator[_Asked]:
    """As those were who went into somebody, and as that one was before: what a merge has not chosen is known too."""
    for was in (Merge.gone, Merge.kept_before):
        first, last, number, email = (
            was[one].as_string() for one in ("first_name", "last_name", "phone", "email")
        )
        is_named = sa.func.coalesce(was["name_typed"].as_boolean(), sa.true())  # a patient is
        theirs = sa.or_(known(number), known(email))
        yield sa.select(first, last, number, email, is_named).where(Merge.undone_at.is_(None), theirs)


def _keys(number: str | None, email: str | None) -> list[str]:
    return [*(phone.variants(number) if number else []), *([email] if email else [])]


def _may_be(name: str, other: str) -> bool:
    """Unless the names clearly differ: one that lacks a word, or has a letter changed, does not."""
    one, two = set(text.words(name)), set(text.words(other))
    return one <= two or two <= one or duplicates.similar(name, other)
