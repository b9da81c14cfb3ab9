"""Passwords: what a good one is, and Argon2 around it.

Argon2 takes a tenth of a second and never runs inside a transaction: on SQLite every other writer would wait.
"""

import unicodedata
from functools import cache
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from genko.errors import Refused

SHORTEST = 10
LONGEST = 200  # Argon2 reads the whole of it: an endless password would be endless work

_HASHER = PasswordHasher()

PasswordHash = NewType("PasswordHash", str)


def check(password: str, email: str) -> None:
    """Refused when the password is too easy to guess."""
    plain = _same(password)
    if len(plain) < SHORTEST:
        raise Refused(f"Choose a password of at least {SHORTEST} characters.")
    if len(plain) > LONGEST:
        raise Refused(f"Choose a password of at most {LONGEST} characters.")
    if len(set(plain)) < SHORTEST // 2:
        raise Refused("Choose a password that repeats itself less.")
    if plain.casefold() in (email, email.partition("@")[0]):
        raise Refused("Choose a password that is not the email address.")


def chosen(password: str, email: str) -> PasswordHash:
    """The hash of a password that somebody chose for themselves; Refused as in `check`."""
    check(password, email.strip().lower())
    return hashed(password)


def hashed(password: str) -> PasswordHash:
    return PasswordHash(_HASHER.hash(_same(password)))


def matches(password: str, stored: str | None) -> bool:
    """Costs the same for an account that does not exist, so that the time taken does not tell."""
    nobody = _nobody()
    try:
        _HASHER.verify(stored or nobody, _same(password)[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """The hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def _same(password: str) -> str:
    """One spelling of é, whichever keyboard typed it."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody")
