"""Which side's value a merge keeps, field by field."""

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
    KEPT = "kept"
    GONE = "gone"
    BOTH = "both"  # notes only: one below the other


NOTES = "notes"
Choices = Mapping[str, Side]  # by the field's name; what is left out is chosen by `usual`

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
    """One field of the two, for somebody to choose from."""

    field: str
    kept: Any
    gone: Any
    usual: Side


def usual(field: str, kept: Lead | Patient, kind: MergeKind) -> Side:
    """The kept one's value where it has one; notes are joined."""
    if field == NOTES:
        return Side.BOTH
    return Side.KEPT if _shown(kept, FIELDS[kind][field]) else Side.GONE


def pairs(kept: Lead | Patient, gone: Lead | Patient, kind: MergeKind) -> list[Pair]:
    """Those fields in which the two differ and neither is empty."""
    found = []
    for field, columns in (FIELDS[kind] | {NOTES: (NOTES,)}).items():
        ours, theirs = _shown(kept, columns), _shown(gone, columns)
        if ours and theirs and ours != theirs:
            found.append(Pair(field, ours, theirs, usual(field, kept, kind)))
    return found


def resolve(
    kept: Lead | Patient, gone: Lead | Patient, kind: MergeKind, choices: Choices, gone_notes: str
) -> dict[str, Any]:
    """The kept record's columns as they shall be. `gone_notes` may say more than the other record's own."""
    found: dict[str, Any] = {}
    for field, columns in FIELDS[kind].items():
        side = choices.get(field) or usual(field, kept, kind)
        chosen = gone if side is Side.GONE else kept
        found |= {column: getattr(chosen, column) for column in columns}
    match choices.get(NOTES, Side.BOTH):
        case Side.KEPT:
            found[NOTES] = kept.notes
        case Side.GONE:
            found[NOTES] = gone_notes
        case Side.BOTH:
            found[NOTES] = lead_history.joined(kept.notes, gone_notes)
    return found


def _shown(record: Lead | Patient, columns: tuple[str, ...]) -> datetime | str:
    if columns[0] == "first_name":
        return record.name
    value: datetime | str | None = next(filter(None, (getattr(record, one) for one in columns)), None)
    return value or ""
