"""Sessions: carried by a cookie, ended by inactivity, by sign-out or by an administrator."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, roles
from genko.access.models import Role, StaffId, StaffMember, StaffSession

SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class SignedIn:
    session_id: int
    staff_id: StaffId
    name: str
    email: str
    role: Role
    seen_at: datetime


@dataclass(frozen=True)
class SessionInfo:
    id: int
    staff_id: StaffId
    name: str
    created_at: datetime
    last_seen_at: datetime
    address: str


def begin(session: Session, staff_id: int, *, address: str) -> str:
    """A session for someone who has proved who they are. The token is given out here and never again."""
    token, now = secrets.token_urlsafe(32), clock.now()
    row = StaffSession(
        token_hash=token_hash(token), staff_id=staff_id, created_at=now, last_seen_at=now, address=address
    )
    session.add(row)
    session.flush()
    audit.record(session, "signed in", by=staff_id, subject_kind="session", subject_id=row.id, detail=address)
    return token


def who(session: Session, token: str, *, now: datetime, idle: timedelta) -> SignedIn | None:
    """Whose token this is; None when it is unknown, revoked or idle for too long, or the person has left."""
    token = token_hash(token)
    return who_all(session, [token], now=now, idle=idle).get(token)


def who_all(
    session: Session, token_hashes: Sequence[str], *, now: datetime, idle: timedelta
) -> dict[str, SignedIn]:
    """The same of many, by the hashes of their tokens."""
    rows = session.execute(_WHO, {"token_hashes": token_hashes, "seen_after": now - idle})
    return {
        token: SignedIn(session_id, StaffId(staff_id), name, email, role, seen_at)
        for token, session_id, seen_at, staff_id, name, email, role in rows
    }


_WHO: Select[*tuple[Any, ...]] = (
    select(
        StaffSession.token_hash, StaffSession.id, StaffSession.last_seen_at, StaffMember.id, StaffMember.name
    )
    .add_columns(StaffMember.email, StaffMember.role)
    .join(StaffMember, StaffMember.id == StaffSession.staff_id)
    .where(StaffSession.token_hash.in_(bindparam("token_hashes", expanding=True)), StaffMember.active)
    .where(StaffSession.revoked_at.is_(None), StaffSession.last_seen_at > bindparam("seen_after"))
)


def touch(session: Session, session_id: int, now: datetime) -> None:
    """Seen just now. Never brings back a revoked session, never turns the time back."""
    session.execute(
        update(StaffSession)
        .where(
            StaffSession.id == session_id, StaffSession.revoked_at.is_(None), StaffSession.last_seen_at < now
        )
        .values(last_seen_at=now)
    )


def sign_out(session: Session, session_id: int, *, by: int) -> None:
    if _end(session, StaffSession.id == session_id, StaffSession.staff_id == by):
        audit.record(session, "signed out", by=by, subject_kind="session", subject_id=session_id)


def revoke(session: Session, session_id: int, *, by: int) -> None:
    roles.require(session, by, Role.ADMIN)
    if _end(session, StaffSession.id == session_id):
        audit.record(session, "session revoked", by=by, subject_kind="session", subject_id=session_id)


def revoke_all(session: Session, staff_id: int, *, by: int) -> None:
    """Signs someone out everywhere: oneself, or anyone as an administrator."""
    roles.require(session, by, Role.VIEWER if by == staff_id else Role.ADMIN)
    end_all(session, staff_id)
    audit.record(session, "sessions revoked", by=by, subject_kind="staff", subject_id=staff_id)


def end_all(session: Session, staff_id: int, *, keep: int | None = None) -> None:
    _end(session, StaffSession.staff_id == staff_id, StaffSession.id != (keep or 0))


def find_sessions(session: Session, *, by: int, idle: timedelta) -> list[SessionInfo]:
    """The sessions that are open now: everyone's for an administrator, one's own otherwise."""
    role = roles.require(session, by, Role.VIEWER)
    mine = [] if role is Role.ADMIN else [StaffSession.staff_id == by]
    rows = session.execute(
        select(StaffSession, StaffMember.name)
        .join(StaffMember, StaffMember.id == StaffSession.staff_id)
        .where(StaffSession.revoked_at.is_(None), StaffSession.last_seen_at > clock.now() - idle, *mine)
        .order_by(StaffSession.last_seen_at.desc(), StaffSession.id.desc())
    )
    return [
        SessionInfo(s.id, StaffId(s.staff_id), name, s.created_at, s.last_seen_at, s.address)
        for s, name in rows
    ]


def forget_ended(session: Session, before: datetime, *, idle: timedelta) -> None:
    """Sessions that were over by then. That there were any stays in the audit."""
    over = or_(StaffSession.revoked_at < before, StaffSession.last_seen_at < before - idle)
    session.execute(delete(StaffSession).where(over))


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _end(session: Session, *which: ColumnElement[bool]) -> bool:
    """Whether there was anything left to end."""
    ended = select(StaffSession.id).where(*which, StaffSession.revoked_at.is_(None))
    ids = session.scalars(ended).all()
    session.execute(update(StaffSession).where(StaffSession.id.in_(ids)).values(revoked_at=clock.now()))
    return bool(ids)
