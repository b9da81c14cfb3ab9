"""Serves patients' files to the browser: whole, or in ranges as audio and video players ask for them."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit
from genko.access.models import AuditEntry
from genko.db import Database
from genko.errors import NotFound
from genko.messages.files import SHOWN_INLINE
from genko.messages.models import FileContent, FileState, MessageFile

_VIEW = "file:view"
_ONE_VIEW = timedelta(
    hours=1
)  # ranges of a file that are asked for within this time are one view in the audit


@dataclass(frozen=True)
class ServedFile:
    id: int
    content_type: str
    name: str
    size: int

    @property
    def inline(self) -> bool:
        return self.content_type in SHOWN_INLINE


def get_file(session: Session, file_id: int) -> ServedFile:
    row = session.execute(
        sa.select(MessageFile.id, MessageFile.content_type, MessageFile.name, MessageFile.size).where(
            MessageFile.id == file_id, MessageFile.state == FileState.STORED
        )
    ).first()
    if row is None:
        raise NotFound("This file is not stored.")
    return ServedFile(*row)


def read(session: Session, file_id: int, first: int, last: int) -> bytes:
    """The bytes from `first` to `last`, both included. The database sends no others."""
    piece = sa.func.substr(FileContent.content, first + 1, last - first + 1, type_=sa.LargeBinary)
    content = session.scalars(sa.select(piece).where(FileContent.file_id == file_id)).one()
    return content or b""  # SQLite gives NULL for an empty file


def note_view(database: Database, file_id: int, *, by: int, piece: bool) -> None:
    """Audits each view of a whole file, and the first of several ranges."""
    with database.reading() as session:
        noted = piece and _looked_lately(session, file_id, by)
    if not noted:
        with database.transaction() as session:
            audit.record(session, _VIEW, by=by, subject_kind="file", subject_id=file_id)


def _looked_lately(session: Session, file_id: int, by: int) -> bool:
    looks = sa.exists().where(
        AuditEntry.subject_kind == "file",
        AuditEntry.subject_id == file_id,
        AuditEntry.action == _VIEW,
        AuditEntry.staff_id == by,
        AuditEntry.at > clock.now() - _ONE_VIEW,
    )
    return bool(session.scalar(sa.select(looks)))
