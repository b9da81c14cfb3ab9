"""The people who work here: adding them, changing what they may do, letting them go."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, passwords, roles, sessions
from genko.access.clinic import clean_name
from genko.access.models import Role, StaffId, StaffMember
from genko.access.passwords import PasswordHash
from genko.db import Database
from genko.errors import NotFound, Refused, Taken

_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}")


@dataclass(frozen=True)
class StaffInfo:
    id: StaffId
    name: str
    email: str
    role: Role
    active: bool
    created_at: datetime


def find_staff(session: Session) -> list[StaffInfo]:
    """Everyone, those who left last."""
    rows = session.scalars(
        select(StaffMember).order_by(StaffMember.active.desc(), StaffMember.name, StaffMember.id)
    )
    return [StaffInfo(StaffId(m.id), m.name, m.email, m.role, m.active, m.created_at) for m in rows]


def add_staff(
    session: Session, *, by: int, name: str, email: str, role: Role, password_hash: PasswordHash
) -> StaffId:
    roles.require(session, by, Role.ADMIN)
    member = enroll(session, name=name, email=email, role=role, password_hash=password_hash)
    _note(session, "staff added", member, by, role)
    return StaffId(member.id)


def change_role(session: Session, staff_id: int, role: Role, *, by: int) -> None:
    roles.require(session, by, Role.ADMIN)
    member = _get(session, staff_id)
    if role is not Role.ADMIN:
        _keep_an_admin(session, member)
    member.role = role
    _note(session, "role changed", member, by, role)


def deactivate(session: Session, staff_id: int, *, by: int) -> None:
    """The person has left: signed out everywhere at once, their name stays on what they did."""
    roles.require(session, by, Role.ADMIN)
    member = _get(session, staff_id)
    _keep_an_admin(session, member)
    member.active = False
    sessions.end_all(session, staff_id)
    _note(session, "staff deactivated", member, by)


def reactivate(session: Session, staff_id: int, *, by: int) -> None:
    roles.require(session, by, Role.ADMIN)
    member = _get(session, staff_id)
    member.active = True
    _note(session, "staff reactivated", member, by)


def change_password(
    database: Database, staff_id: int, *, by: int, new: str, current: str = "", keep: int | None = None
) -> None:
    """One's own with the current one, anyone's as an administrator. Every session but `keep` ends."""
    with database.reading() as session:
        member = _whose_password(session, staff_id, by)
    if staff_id == by and not passwords.matches(current, member.password_hash):
        raise Refused("The current password is not right.")
    before, after = member.password_hash, passwords.chosen(new, member.email)
    with database.transaction() as session:
        member = _whose_password(session, staff_id, by)
        if member.password_hash != before:
            raise Refused("This password was changed by somebody else just now. Try again.")
        member.password_hash = after
        sessions.end_all(session, staff_id, keep=keep)
        _note(session, "password changed", member, by)


def _whose_password(session: Session, staff_id: int, by: int) -> StaffMember:
    roles.require(session, by, Role.VIEWER if staff_id == by else Role.ADMIN)
    return _get(session, staff_id)


def enroll(
    session: Session, *, name: str, email: str, role: Role, password_hash: PasswordHash
) -> StaffMember:
    """The row itself, for verbs that have settled who may do this."""
    email = same_email(email)
    if not _EMAIL.fullmatch(email):
        raise Refused("Give an email address such as maria@clinic.example.")
    member = StaffMember(
        email=email,
        name=clean_name(name),
        role=role,
        password_hash=password_hash,
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(member)
    except IntegrityError as error:
        raise Taken("Somebody with this email address is on the staff list already.") from error
    return member


def same_email(email: str) -> str:
    return email.strip().lower()


def _get(session: Session, staff_id: int) -> StaffMember:
    member = session.get(StaffMember, staff_id)
    if member is None:
        raise NotFound("This person is not on the staff list.")
    return member


def _keep_an_admin(session: Session, leaving: StaffMember) -> None:
    # The rows are locked in one order, so that two administrators cannot demote each other at the same moment.
    admins = select(StaffMember.id).where(StaffMember.role == Role.ADMIN, StaffMember.active)
    others = set(session.scalars(admins.order_by(StaffMember.id).with_for_update())) - {leaving.id}
    if not others:
        raise Refused("This is the last administrator. Make somebody else administrator first.")


def _note(session: Session, action: str, member: StaffMember, by: int, detail: str = "") -> None:
    audit.record(session, action, by=by, subject_kind="staff", subject_id=member.id, detail=detail)
