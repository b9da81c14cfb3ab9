"""Saved replies: texts that the clinic sends often. Variables stand for the first name and the clinic's name."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import NotFound, Refused, Taken
from genko.messages.models import SavedReply

VARIABLES = ("{first name}", "{clinic}")


@dataclass(frozen=True)
class Reply:
    id: int
    title: str
    text: str

    def filled(self, first_name: str, clinic: str) -> str:
        return self.text.replace("{first name}", first_name).replace("{clinic}", clinic)


def find_replies(session: Session) -> list[Reply]:
    rows = session.scalars(sa.select(SavedReply).order_by(SavedReply.title))
    return [Reply(row.id, row.title, row.text) for row in rows]


def save(session: Session, title: str, body: str, *, by: int, reply_id: int | None = None) -> None:
    """Adds a saved reply, or changes the one with `reply_id`."""
    roles.require(session, by, Role.ADMIN)
    title, body = title.strip(), body.strip()
    if not title or not body:
        raise Refused("A saved reply needs a title and a text.")
    same_title = session.scalar(sa.select(SavedReply.id).where(SavedReply.title == title))
    if same_title is not None and same_title != reply_id:
        raise Taken("There is a saved reply of that title already.")
    row = SavedReply(title=title, text=body) if reply_id is None else session.get(SavedReply, reply_id)
    if row is None:
        raise NotFound("This saved reply does not exist any more.")
    row.title, row.text = title, body
    session.add(row)
    session.flush()
    audit.record(session, "reply:save", by=by, subject_kind="reply", subject_id=row.id)


def remove(session: Session, reply_id: int, *, by: int) -> None:
    roles.require(session, by, Role.ADMIN)
    session.execute(sa.delete(SavedReply).where(SavedReply.id == reply_id))
    audit.record(session, "reply:remove", by=by, subject_kind="reply", subject_id=reply_id)
