"""Imports the leads of a file. Importing the same file again adds nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.access import audit, roles
from genko.access.clinic import get_clinic
from genko.access.models import Role
from genko.leads import records
from genko.leads.csv_import import Column, LeftOut, Read, SheetRow, read_row
from genko.leads.models import LeadSource, LeadStage
from genko.leads.records import LeadFields
from genko.people.import_matching import ANOTHER_NAME, KnownPeople
from genko.search import is_sqlite

BATCH = 200  # rows in one transaction
_LOCK = 7_215_003  # one import writes at a time: two imports of one file must not add everybody twice
_NO_PATIENT = "A converted lead cannot be imported: it would lack its patient."


@dataclass(frozen=True)
class Outcome:
    added: int = 0
    known: tuple[LeftOut, ...] = ()  # rows about people who are leads or patients already
    problems: tuple[LeftOut, ...] = ()

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.added + other.added, self.known + other.known, self.problems + other.problems)


def import_rows(
    session: Session, rows: Sequence[SheetRow], columns: Mapping[Column, int], source: LeadSource, *, by: int
) -> Outcome:
    """One batch. `source` is for rows that name none."""
    roles.require(session, by, Role.STAFF)
    _lock(session)
    region = get_clinic(session).region
    read = [read_row(row, columns, source, region) for row in rows]
    new, known, problems = _sort_out(session, read)
    records.store(session, [records.new_lead(fields, lost_reason=_why_lost(fields)) for fields in new])
    if new:
        audit.record(session, "leads:import", by=by, detail=f"{len(new)} leads")
    return Outcome(len(new), tuple(known), tuple(problems))


def _why_lost(fields: LeadFields) -> str:
    return "Imported as lost." if fields.stage is LeadStage.LOST else ""


def _sort_out(
    session: Session, read: Sequence[Read | LeftOut]
) -> tuple[list[LeadFields], list[LeftOut], list[LeftOut]]:
    """Fields of new leads, rows about people we know, and rows with a problem."""
    people = KnownPeople(session, [row[1] for row in read if not isinstance(row, LeftOut)])
    new: list[LeadFields] = []
    known: list[LeftOut] = []
    problems: list[LeftOut] = []
    for row in read:
        if isinstance(row, LeftOut):
            problems.append(row)
            continue
        line, fields = row
        if why := people.why_known(fields):
            (problems if why == ANOTHER_NAME else known).append(LeftOut(line, why))
        elif fields.stage is LeadStage.CONVERTED:
            problems.append(LeftOut(line, _NO_PATIENT))
        else:
            new.append(fields)
            people.add(fields)
    return new, known, problems


def _lock(session: Session) -> None:
    """SQLite lets one transaction write at a time anyway."""
    if not is_sqlite(session):
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
