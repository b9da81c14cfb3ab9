"""Which record's value the winner of a merge gets, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from genko.leads.models import Lead
from genko.patients.models import Patient
from genko.people import lead_history
from genko.people.models import MergeKind


class Side(StrEnum):
    WINNER = "winner"
    LOSER = "loser"
    BOTH = "both"  # notes only: one below the other


NOTES = "notes"
Choices = Mapping[str, Side]  # by the field's name; `usual` chooses for a field that is missing

_PERSON = {"name": ("first_name", "last_name"), "phone": ("phone",), "email": ("email",)}
FIELDS: dict[MergeKind, dict[str, tuple[str, ...]]] = {
    MergeKind.LEADS: {
        "name": ("first_name", "last_name", "name_typed"),
        "phone": ("phone",),
        "email": ("email",),
        "source": ("source",),
        "stage": ("stage", "stage_changed_at", "lost_reason"),
    },
    MergeKind.LEAD_INTO_PATIENT: _PERSON,
    MergeKind.PATIENTS: _PERSON | {"first_appointment": ("first_appointment_at", "first_appointment_note")},
}


@dataclass(frozen=True)
class Pair:
    """One field in which the two records differ, for staff to choose from."""

    field: str
    winner: Any
    loser: Any
    usual: Side


def usual(field: str, winner: Lead | Patient, kind: MergeKind) -> Side:
    """The winner's value where it has one. Notes are joined."""
    if field == NOTES:
        return Side.BOTH
    return Side.WINNER if _shown(winner, FIELDS[kind][field]) else Side.LOSER


def pairs(winner: Lead | Patient, loser: Lead | Patient, kind: MergeKind) -> list[Pair]:
    """The fields in which the two records differ and neither is empty."""
    differing = []
    for field, columns in (FIELDS[kind] | {NOTES: (NOTES,)}).items():
        winner_value, loser_value = _shown(winner, columns), _shown(loser, columns)
        if winner_value and loser_value and winner_value != loser_value:
            differing.append(Pair(field, winner_value, loser_value, usual(field, winner, kind)))
    return differing


def resolve(
    winner: Lead | Patient, loser: Lead | Patient, kind: MergeKind, choices: Choices, loser_notes: str
) -> dict[str, Any]:
    """The winner's columns after the merge. `loser_notes` may say more than the loser's own notes."""
    resolved: dict[str, Any] = {}
    for field, columns in FIELDS[kind].items():
        side = choices.get(field) or usual(field, winner, kind)
        chosen = loser if side is Side.LOSER else winner
        resolved |= {column: getattr(chosen, column) for column in columns}
    match choices.get(NOTES, Side.BOTH):
        case Side.WINNER:
            resolved[NOTES] = winner.notes
        case Side.LOSER:
            resolved[NOTES] = loser_notes
        case Side.BOTH:
            resolved[NOTES] = lead_history.joined(winner.notes, loser_notes)
    return resolved


def _shown(record: Lead | Patient, columns: tuple[str, ...]) -> datetime | str:
    if columns[0] == "first_name":
        return record.name
    value: datetime | str | None = next(filter(None, (getattr(record, column) for column in columns)), None)
    return value or ""
