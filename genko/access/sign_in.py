"""Proving with a password who one is."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, passwords, sessions, throttle
from genko.access.models import Clinic, StaffMember
from genko.access.staff import same_email
from genko.db import Database


@dataclass(frozen=True)
class Attempt:
    """What became of a sign-in: a token, or a sentence. Not an exception, so that the failure is committed."""

    token: str = ""
    refusal: str = ""


def sign_in(database: Database, email: str, password: str, *, address: str) -> Attempt:
    """Nothing is locked while the password is checked: anybody may try, and nobody must hold up the clinic's writers.

    Guesses made meanwhile count: what they came to is asked for again before this one is answered.
    """
    email = same_email(email)
    with database.reading() as session:
        left = throttle.wait(session, email, address, clock.now())
        stored = _stored_hash(_find(session, email))
    if left:
        return Attempt(refusal=_wait_sentence(left))
    right = passwords.matches(password, stored)
    renewed = passwords.hashed(password) if right and stored and passwords.outdated(stored) else stored
    with database.transaction() as session:
        _one_at_a_time(session)
        if left := throttle.wait(session, email, address, clock.now()):
            return Attempt(refusal=_wait_sentence(left))
        member = _find(session, email)
        if not right or member is None or _stored_hash(member) != stored:
            _remember_failure(session, email, address, member)
            return Attempt(refusal="Email and password do not match. Check both and try again.")
        member.password_hash = renewed or member.password_hash
        throttle.forget(session, email)
        return Attempt(token=sessions.begin(session, member.id, address=address))


def _find(session: Session, email: str) -> StaffMember | None:
    return session.scalar(select(StaffMember).where(StaffMember.email == email))


def _stored_hash(member: StaffMember | None) -> str | None:
    return member.password_hash if member and member.active else None


def _one_at_a_time(session: Session) -> None:
    """On PostgreSQL two guesses would not see each other's failure; SQLite has one writer anyway."""
    session.execute(select(Clinic.id).with_for_update())


def _wait_sentence(left: timedelta) -> str:
    minutes = ceil(left / timedelta(minutes=1))
    return f"Too many wrong passwords. Wait {minutes} minute{'' if minutes == 1 else 's'} and try again."


def _remember_failure(session: Session, email: str, address: str, member: StaffMember | None) -> None:
    """What was typed as email stays out of the audit: it is a password often enough."""
    throttle.remember(session, email, address, clock.now())
    subject = member.id if member else None
    audit.record(session, "sign-in failed", by=None, subject_kind="staff", subject_id=subject, detail=address)
