"""Tags, the same way on leads and on patients."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db
from genko.leads.models import Lead, LeadTag
from genko.patients.models import Patient, PatientTag

_TABLES: dict[type, tuple[type[LeadTag | PatientTag], str]] = {
    Lead: (LeadTag, "lead_id"),
    Patient: (PatientTag, "patient_id"),
}


def of(session: Session, owner: Lead | Patient) -> list[str]:
    table, column = _TABLES[type(owner)]
    return list(
        session.scalars(sa.select(table.name).where(getattr(table, column) == owner.id).order_by(table.name))
    )


def add(session: Session, owner: Lead | Patient, names: Iterable[str]) -> None:
    table, column = _TABLES[type(owner)]
    rows = [{column: owner.id, "name": name} for name in names]
    if rows:
        session.execute(db.insert(session, table).on_conflict_do_nothing(), rows)


def remove(session: Session, owner: Lead | Patient, names: Iterable[str]) -> None:
    table, column = _TABLES[type(owner)]
    session.execute(
        sa.delete(table)
        .where(getattr(table, column) == owner.id, table.name.in_(list(names)))
        .execution_options(synchronize_session=False)
    )
