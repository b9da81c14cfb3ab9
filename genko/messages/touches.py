"""Contacts noted by hand."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, roles
from genko.access.models import Role, StaffMember
from genko.errors import Refused
from genko.messages import conversations
from genko.messages.models import Identity, Touch, TouchKind


@dataclass(frozen=True)
class TouchShown:
    id: int
    kind: TouchKind
    at: datetime
    staff_name: str
    note: str


def find_touches(session: Session, conversation_id: int) -> list[TouchShown]:
    """Those of the person a conversation is with, newest first."""
    identity = _identity(session, conversation_id)
    rows = session.execute(
        sa.select(Touch.id, Touch.kind, Touch.at, StaffMember.name, Touch.note)
        .join(StaffMember, StaffMember.id == Touch.staff_id)
        .where(_belongs(identity))
        .order_by(Touch.at.desc(), Touch.id.desc())
    )
    return [TouchShown(*row) for row in rows]


def log(session: Session, conversation_id: int, kind: TouchKind, at: datetime, note: str, *, by: int) -> None:
    """Notes a contact with the person a conversation is with."""
    roles.require(session, by, Role.STAFF)
    identity = _identity(session, conversation_id)
    if identity.patient_id is None and identity.lead_id is None:
        raise Refused(
            "This conversation belongs to no patient or lead yet, so there is nobody to note a touch for."
        )
    note = note.strip()
    if kind is TouchKind.OTHER and not note:
        raise Refused("Write a note: it says what kind of contact this was.")
    if at > clock.now():
        raise Refused("A touch has happened already: choose a time that is not in the future.")
    patient_id = identity.patient_id
    touch = Touch(
        patient_id=patient_id,
        lead_id=None if patient_id else identity.lead_id,
        kind=kind,
        at=at,
        staff_id=by,
        note=note,
    )
    session.add(touch)
    session.flush()
    audit.record(session, "touch", by=by, subject_kind="conversation", subject_id=conversation_id)


def _identity(session: Session, conversation_id: int) -> Identity:
    return session.get_one(Identity, conversations.get(session, conversation_id).identity_id)


def _belongs(identity: Identity) -> sa.ColumnElement[bool]:
    found = [Touch.patient_id == identity.patient_id] if identity.patient_id else []
    if identity.lead_id:
        found.append(Touch.lead_id == identity.lead_id)
    return sa.or_(sa.false(), *found)
