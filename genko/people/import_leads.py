"""Takes in the leads of a file. The same file once more adds nobody."""

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
_LOCK = 7_215_003  # one import at a time writes: two of the same file must not add everybody twice
_NO_PATIENT = "A converted lead cannot be imported: it would lack its patient."


@dataclass(frozen=True)
class Outcome:
    added: int = 0
    known: tuple[LeftOut, ...] = ()  # as leads or patients
    problems: tuple[LeftOut, ...] = ()

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.added + other.added, self.known + other.known, self.problems + other.problems)


def import_rows(
    session: Session, rows: Sequence[SheetRow], columns: Mapping[Column, int], source: LeadSource, *, by: int
) -> Outcome:
    """One batch. `source` is taken where a row names none."""
    roles.require(session, by, Role.STAFF)
    _lock(session)
    region = get_clinic(session).region
    read = [read_row(row, columns, source, region) for row in rows]
    taken, known, problems = _parted(session, read)
    records.store(session, [records.new_lead(one, lost_reason=_why_lost(one)) for one in taken])
    if taken:
        audit.record(session, "leads:import", by=by, detail=f"{len(taken)} leads")
    return Outcome(len(taken), tuple(known), tuple(problems))


def _why_lost(fields: LeadFields) -> str:
    return "Imported as lost." if fields.stage is LeadStage.LOST else ""


def _parted(
    session: Session, read: Sequence[Read | LeftOut]
) -> tuple[list[LeadFields], list[LeftOut], list[LeftOut]]:
    """Those to be added, those who are known, and the rows at fault."""
    here = KnownPeople(session, [one[1] for one in read if not isinstance(one, LeftOut)])
    taken: list[LeadFields] = []
    known: list[LeftOut] = []
    problems: list[LeftOut] = []
    for one in read:
        if isinstance(one, LeftOut):
            problems.append(one)
            continue
        line, fields = one
        if why := here.why_known(fields):
            (problems if why == ANOTHER_NAME else known).append(LeftOut(line, why))
        elif fields.stage is LeadStage.CONVERTED:
            problems.append(LeftOut(line, _NO_PATIENT))
        else:
            taken.append(fields)
            here.add(fields)
    return taken, known, problems


def _lock(session: Session) -> None:
    """SQLite lets one transaction write at a time anyway."""
    if not is_sqlite(session):
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
