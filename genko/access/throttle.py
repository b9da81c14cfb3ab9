"""Slowing password guessing down, per account and per address."""

import hashlib
import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from genko.access.models import SignInFailure

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 5
PER_ADDRESS = 20


def wait(session: Session, email: str, address: str, now: datetime) -> timedelta | None:
    """How long until the next try is let in; None when it may be made now."""
    waits = [
        _wait(session, _account(email), PER_ACCOUNT, now),
        _wait(session, _address(address), PER_ADDRESS, now),
    ]
    return max((left for left in waits if left is not None), default=None)


def remember(session: Session, email: str, address: str, now: datetime) -> None:
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - WINDOW))
    session.add_all(
        SignInFailure(subject=subject, at=now) for subject in (_account(email), _address(address))
    )


def forget(session: Session, email: str) -> None:
    """The right password clears the account. The address stays: one good account must not excuse guessing at others."""
    session.execute(delete(SignInFailure).where(SignInFailure.subject == _account(email)))


def _wait(session: Session, subject: str, allowed: int, now: datetime) -> timedelta | None:
    """Until fewer than `allowed` failures are left in the window."""
    recent = select(SignInFailure.at).where(SignInFailure.subject == subject, SignInFailure.at > now - WINDOW)
    decisive = session.scalar(
        recent.order_by(SignInFailure.at.desc(), SignInFailure.id.desc()).offset(allowed - 1).limit(1)
    )
    return None if decisive is None else decisive + WINDOW - now


def _account(email: str) -> str:
    return _hash(f"account {email}")


def _address(address: str) -> str:
    """An IPv6 customer owns a whole /64 and could use a new address for every guess."""
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return _hash(f"address {address}")
    width = 64 if number.version == 6 else 32  # noqa: PLR2004
    return _hash(f"address {ipaddress.ip_network((number, width), strict=False)}")


def _hash(subject: str) -> str:
    return hashlib.sha256(subject.encode()).hexdigest()
