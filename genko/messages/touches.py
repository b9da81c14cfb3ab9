"""Touches: contacts with a patient or a lead that staff note by hand."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, text
from genko.access import audit, roles
from genko.access.models import Role, StaffMember
from genko.errors import NotFound, Refused
from genko.leads import lookup
from genko.leads.models import Lead
from genko.messages import conversations, lead_contact
from genko.messages.models import Identity, Touch, TouchKind
from genko.patients.models import Patient
from genko.patients.records import GONE as PATIENT_GONE

_LONGEST_NOTE = 2000  # characters


@dataclass(frozen=True)
class TouchShown:
    id: int
    kind: TouchKind
    at: datetime
    staff_name: str
    note: str


@dataclass(frozen=True)
class Whose:
    """A patient, or else a lead."""

    patient_id: int | None = None
    lead_id: int | None = None


def find_touches(session: Session, conversation_id: int) -> list[TouchShown]:
    """Touches of the person of a conversation, newest first."""
    return find_touches_of(session, _whose(session, conversation_id))


def find_touches_of_lead(session: Session, lead_id: int) -> list[TouchShown]:
    """A converted lead's touches belong to its patient."""
    return find_touches_of(session, Whose(lookup.get(session, lead_id).patient_id, lead_id))


def find_touches_of(session: Session, whose: Whose) -> list[TouchShown]:
    rows = session.execute(
        sa.select(Touch.id, Touch.kind, Touch.at, StaffMember.name, Touch.note)
        .join(StaffMember, StaffMember.id == Touch.staff_id)
        .where(_belongs(whose))
        .order_by(Touch.at.desc(), Touch.id.desc())
    )
    return [TouchShown(*row) for row in rows]


def log(session: Session, conversation_id: int, kind: TouchKind, at: datetime, note: str, *, by: int) -> None:
    """Notes a touch of the person of a conversation."""
    roles.require(session, by, Role.STAFF)
    whose = _whose(session, conversation_id)
    if whose.patient_id is None and whose.lead_id is None:
        raise Refused(
            "This conversation belongs to no patient or lead yet, so there is nobody to note a touch for."
        )
    _add(session, whose, kind, at, note, by)
    audit.record(session, "touch", by=by, subject_kind="conversation", subject_id=conversation_id)


def log_for(session: Session, whose: Whose, kind: TouchKind, at: datetime, note: str, *, by: int) -> None:
    """Notes a touch of a patient or a lead."""
    roles.require(session, by, Role.STAFF)
    _add(session, whose, kind, at, note, by)
    noun = "patient" if whose.patient_id else "lead"
    audit.record(session, "touch", by=by, subject_kind=noun, subject_id=whose.patient_id or whose.lead_id)


def _add(session: Session, whose: Whose, kind: TouchKind, at: datetime, note: str, by: int) -> None:
    note = text.storable(note).strip()
    if len(note) > _LONGEST_NOTE:
        raise Refused(f"A note has at most {_LONGEST_NOTE:,} characters; this has {len(note):,}.")
    if kind is TouchKind.OTHER and not note:
        raise Refused("Write a note: it says what kind of contact this was.")
    if at > clock.now():
        raise Refused("A touch has happened already: choose a time that is not in the future.")
    owner = _owner(session, whose)
    session.add(
        Touch(
            patient_id=owner.patient_id,
            lead_id=owner.lead_id,
            kind=kind,
            at=at,
            staff_id=by,
            note=note,
        )
    )
    session.flush()
    if whose.lead_id:
        lead_contact.lead_contacted(session, whose.lead_id, at)


def _owner(session: Session, whose: Whose) -> Whose:
    """Locked until the touch is written. A converted lead's touches belong to its patient."""
    if whose.patient_id:
        locked = sa.select(Patient.id).where(Patient.id == whose.patient_id).with_for_update(read=True)
        if session.scalar(locked) is None:
            raise NotFound(PATIENT_GONE)
        return Whose(patient_id=whose.patient_id)
    chosen = sa.select(Lead.patient_id).where(Lead.id == whose.lead_id).with_for_update()
    row = session.execute(chosen).one_or_none()
    if row is None:
        raise NotFound(lookup.GONE)
    return Whose(patient_id=row[0]) if row[0] else Whose(lead_id=whose.lead_id)


def _whose(session: Session, conversation_id: int) -> Whose:
    identity = session.get_one(Identity, conversations.get(session, conversation_id).identity_id)
    return Whose(identity.patient_id, identity.lead_id)


def _belongs(whose: Whose) -> sa.ColumnElement[bool]:
    owners = [Touch.patient_id == whose.patient_id] if whose.patient_id else []
    if whose.lead_id:
        owners.append(Touch.lead_id == whose.lead_id)
    return sa.or_(sa.false(), *owners)
