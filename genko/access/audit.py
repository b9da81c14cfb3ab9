"""Writes the audit log, in the transaction of the change that it records."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access.models import AuditEntry


def record_all(
    session: Session, action: str, *, by: int, subject_kind: str, details: Mapping[int, str]
) -> None:
    """One entry for each subject; `details` are by the subject's id."""
    now = clock.now()
    entries = [
        {
            "at": now,
            "staff_id": by,
            "action": action,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "detail": detail,
        }
        for subject_id, detail in details.items()
    ]
    if entries:
        session.execute(sa.insert(AuditEntry), entries)


def record(
    session: Session,
    action: str,
    *,
    by: int | None,
    subject_kind: str = "",
    subject_id: int | None = None,
    detail: str = "",
) -> None:
    session.add(
        AuditEntry(
            at=clock.now(),
            staff_id=by,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=detail,
        )
    )
