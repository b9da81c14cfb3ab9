"""Moves addresses, touches, stage changes and leads from the loser of a merge to the winner, and back."""

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
STEP = "step"  # beside the tables: the stage change that the merge itself added


def records(session: Session, kind: MergeKind, winner_id: int, loser_id: int) -> dict[str, list[int]]:
    """Ids of the leads and patients that take part. A patient's leads move with the patient."""
    if kind is MergeKind.LEAD_INTO_PATIENT:
        return {"leads": [loser_id], "patients": [winner_id]}
    if kind is MergeKind.LEADS:
        return {"leads": [winner_id, loser_id]}
    of_patients = sa.select(Lead.id).where(Lead.patient_id.in_([winner_id, loser_id]))
    return {"leads": list(session.scalars(of_patients)), "patients": [winner_id, loser_id]}


def move(session: Session, kind: MergeKind, winner_id: int, loser_id: int) -> dict[str, list[int]]:
    """The ids of what was moved, by table."""
    owner = "patient_id" if kind is MergeKind.PATIENTS else "lead_id"
    values: dict[str, Any] = {owner: winner_id}
    if kind is MergeKind.LEAD_INTO_PATIENT:
        values = {"lead_id": None, "patient_id": winner_id}
    moved = {}
    for table in _TABLES[kind]:
        chosen = sa.select(table.id).where(getattr(table, owner) == loser_id).order_by(table.id)
        moved[table.__tablename__] = list(session.scalars(chosen))
        _set(session, table, moved[table.__tablename__], values)
    return moved


def move_back(session: Session, merge: Merge) -> None:
    """Only rows that still belong to the winner: rows that staff have linked to somebody else since stay there."""
    for table in _TABLES[merge.kind]:
        ids = merge.moved.get(table.__tablename__, [])
        chosen = sa.select(table.id).where(table.id.in_(ids), _belongs_to_winner(merge, table))
        _set(session, table, list(session.scalars(chosen)), _values_back(merge, table))
    if STEP in merge.moved:
        added = LeadStageChange.id.in_(merge.moved[STEP]), LeadStageChange.lead_id == merge.winner_id
        session.execute(sa.delete(LeadStageChange).where(*added))


def _values_back(merge: Merge, table: _Table) -> dict[str, Any]:
    if merge.kind is MergeKind.PATIENTS:
        return {"patient_id": merge.loser_id}
    if table is LeadStageChange:
        return {"lead_id": merge.loser_id}
    return {"lead_id": merge.loser_id, "patient_id": None}


def _belongs_to_winner(merge: Merge, table: _Table) -> sa.ColumnElement[bool]:
    owner = "lead_id" if merge.kind is MergeKind.LEADS else "patient_id"
    belongs: sa.ColumnElement[bool] = getattr(table, owner) == merge.winner_id
    return sa.and_(belongs, _is_still_theirs(merge)) if table is Identity else belongs


def _is_still_theirs(merge: Merge) -> sa.ColumnElement[bool]:
    """Staff may have linked the address since to another lead that became the same patient."""
    if merge.kind is MergeKind.LEADS:
        return Identity.patient_id.is_(None)
    came_along = merge.moved.get(Lead.__tablename__, [])
    return sa.or_(Identity.lead_id.is_(None), Identity.lead_id.in_(came_along))


def _set(session: Session, table: _Table, ids: list[int], values: dict[str, Any]) -> None:
    if ids:
        session.execute(sa.update(table).where(table.id.in_(ids)).values(values))
