"""What hangs on a record goes to another one, and back."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.leads.models import Lead, LeadStageChange
from genko.messages.models import Identity, Touch
from genko.people.models import Merge, MergeKind

_Table = type[Identity | Touch | LeadStageChange | Lead]
_TABLES: dict[MergeKind, tuple[_Table, ...]] = {
    MergeKind.LEADS: (Identity, Touch, LeadStageChange),
    MergeKind.LEAD_INTO_PATIENT: (Identity, Touch),
    MergeKind.PATIENTS: (Identity, Touch, Lead),
}
STEP = "step"  # beside the tables: what the merge itself added to the history


def records(session: Session, kind: MergeKind, kept_id: int, gone_id: int) -> dict[str, list[int]]:
    """Which leads and which patients take part; patients' leads are moved with them."""
    if kind is MergeKind.LEAD_INTO_PATIENT:
        return {"leads": [gone_id], "patients": [kept_id]}
    if kind is MergeKind.LEADS:
        return {"leads": [kept_id, gone_id]}
    theirs = sa.select(Lead.id).where(Lead.patient_id.in_([kept_id, gone_id]))
    return {"leads": list(session.scalars(theirs)), "patients": [kept_id, gone_id]}


def move(session: Session, kind: MergeKind, kept_id: int, gone_id: int) -> dict[str, list[int]]:
    """The ids of what was moved, by table."""
    owner = "patient_id" if kind is MergeKind.PATIENTS else "lead_id"
    values: dict[str, Any] = {owner: kept_id}
    if kind is MergeKind.LEAD_INTO_PATIENT:
        values = {"lead_id": None, "patient_id": kept_id}
    moved = {}
    for table in _TABLES[kind]:
        chosen = sa.select(table.id).where(getattr(table, owner) == gone_id).order_by(table.id)
        moved[table.__tablename__] = list(session.scalars(chosen))
        _set(session, table, moved[table.__tablename__], values)
    return moved


def move_back(session: Session, merge: Merge) -> None:
    """What still belongs to the kept record; what somebody has linked elsewhere since stays there."""
    for table in _TABLES[merge.kind]:
        ids = merge.moved.get(table.__tablename__, [])
        chosen = sa.select(table.id).where(table.id.in_(ids), _is_kept_ones(merge, table))
        _set(session, table, list(session.scalars(chosen)), _values_back(merge, table))
    if STEP in merge.moved:
        added = LeadStageChange.id.in_(merge.moved[STEP]), LeadStageChange.lead_id == merge.kept_id
        session.execute(sa.delete(LeadStageChange).where(*added))


def _values_back(merge: Merge, table: _Table) -> dict[str, Any]:
    if merge.kind is MergeKind.PATIENTS:
        return {"patient_id": merge.gone_id}
    if table is LeadStageChange:
        return {"lead_id": merge.gone_id}
    return {"lead_id": merge.gone_id, "patient_id": None}


def _is_kept_ones(merge: Merge, table: _Table) -> sa.ColumnElement[bool]:
    owner = "lead_id" if merge.kind is MergeKind.LEADS else "patient_id"
    belongs: sa.ColumnElement[bool] = getattr(table, owner) == merge.kept_id
    return sa.and_(belongs, _is_nobody_else_s(merge)) if table is Identity else belongs


def _is_nobody_else_s(merge: Merge) -> sa.ColumnElement[bool]:
    """An address may have been linked since to a lead that became the kept patient by another way."""
    if merge.kind is MergeKind.LEADS:
        return Identity.patient_id.is_(None)
    came_along = merge.moved.get(Lead.__tablename__, [])
    return sa.or_(Identity.lead_id.is_(None), Identity.lead_id.in_(came_along))


def _set(session: Session, table: _Table, ids: list[int], values: dict[str, Any]) -> None:
    if ids:
        session.execute(sa.update(table).where(table.id.in_(ids)).values(values))
