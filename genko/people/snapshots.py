"""Records as plain JSON values, so that a merge can store them and an undo can restore them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.db import UtcDateTime
from genko.leads.models import Lead, LeadStageChange
from genko.patients.models import Patient
from genko.people import record_tags

TAGS = "tags"
STEPS = "steps"  # of a lead that went into a patient
_DERIVED = {"id", "sort_name", "changed_at"}  # columns that nobody fills in


def taken(session: Session, record: Lead | Patient) -> dict[str, Any]:
    """All columns, and the tags."""
    return columns(record) | {TAGS: record_tags.of(session, record)}


def columns(record: Lead | Patient | LeadStageChange) -> dict[str, Any]:
    return {column.key: _plain(getattr(record, column.key)) for column in type(record).__table__.columns}


def fields(kind: type[Lead | Patient]) -> list[str]:
    return [column.key for column in kind.__table__.columns if column.key not in _DERIVED]


def values(kind: type[Lead | Patient | LeadStageChange], snapshot: dict[str, Any]) -> dict[str, Any]:
    """As the columns hold them, without keys that have no column."""
    columns = kind.__table__.columns
    return {key: _stored(columns[key].type, value) for key, value in snapshot.items() if key in columns}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _stored(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, sa.Enum) and kind.enum_class:
        return kind.enum_class(value)
    return datetime.fromisoformat(value) if isinstance(kind, UtcDateTime) else value
