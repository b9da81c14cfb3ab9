"""Proving with a password who one is."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, passwords, sessions, throttle
from genko.access.models import StaffMember


@dataclass(frozen=True)
class Attempt:
    """What became of a sign-in: a token, or a sentence. Not an exception, so that the failure is committed."""

    token: str = ""
    refusal: str = ""


def sign_in(session: Session, email: str, password: str, *, address: str) -> Attempt:
    now, email = clock.now(), email.strip().lower()
    if left := throttle.wait(session, email, address, now):
        return Attempt(refusal=_wait_sentence(left))
    member = session.scalar(select(StaffMember).where(StaffMember.email == email))
    known = member.password_hash if member and member.active else None
    if not passwords.matches(password, known) or member is None:
        _remember_failure(session, email, address, member)
        return Attempt(refusal="Email and password do not match. Check both and try again.")
    if passwords.outdated(member.password_hash):
        member.password_hash = passwords.hashed(password)
    throttle.forget(session, email)
    return Attempt(token=sessions.begin(session, member.id, address=address))


def _wait_sentence(left: timedelta) -> str:
    minutes = ceil(left / timedelta(minutes=1))
    return f"Too many wrong passwords. Wait {minutes} minute{'' if minutes == 1 else 's'} and try again."


def _remember_failure(session: Session, email: str, address: str, member: StaffMember | None) -> None:
    """What was typed as email stays out of the audit: it is a password often enough."""
    throttle.remember(session, email, address, clock.now())
    subject = member.id if member else None
    audit.record(session, "sign-in failed", by=None, subject_kind="staff", subject_id=subject, detail=address)
