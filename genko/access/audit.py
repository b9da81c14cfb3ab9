"""Writing the audit, in the transaction of what it records."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db
from genko.access.models import AuditEntry

_ENTRY = sa.insert(db.table(AuditEntry))


def record_all(
    session: Session, action: str, *, by: int, subject_kind: str, details: Mapping[int, str]
) -> None:
    """The same of many, `details` by the subject's id."""
    entries = [
        {
            "at": clock.now(),
            "staff_id": by,
            "action": action,
            "subject_kind": subject_kind,
            "subject_id": one,
            "detail": detail,
        }
        for one, detail in details.items()
    ]
    if entries:
        db.run(session, _ENTRY, entries)


def record(
    session: Session,
    action: str,
    *,
    by: int | None,
    subject_kind: str = "",
    subject_id: int | None = None,
    detail: str = "",
) -> None:
    entry = {
        "at": clock.now(),
        "staff_id": by,
        "action": action,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "detail": detail,
    }
    db.run(session, _ENTRY, entry)
