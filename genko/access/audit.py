"""Writing the audit, in the transaction of what it records."""

from sqlalchemy.orm import Session

from genko import clock
from genko.access.models import AuditEntry


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
