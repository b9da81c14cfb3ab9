"""What two records of one person share: the spellings of the phone number, and the email."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from genko import phone as phones
from genko.errors import Refused

_Column = sa.ColumnElement[Any] | InstrumentedAttribute[Any]


def spellings(phone: str | None) -> list[str]:
    """Every E.164 spelling of a phone number."""
    return phones.variants(phone) if phone else []


def keys(phone: str | None, email: str | None) -> list[str]:
    return [*spellings(phone), *([email] if email else [])]


def typed_keys(phone: str, email: str, region: str) -> tuple[list[str], str]:
    """The spellings and the email of what somebody typed. What is no phone number has no spelling."""
    try:
        known_as = spellings(phones.normalize(phone, region)) if phone.strip() else []
    except Refused:
        known_as = []
    return known_as, email.strip().lower()


def matches(shared: Collection[str], *columns: _Column) -> sa.ColumnElement[bool]:
    """Whether one of these columns (a phone, an email) holds one of the keys."""
    return sa.or_(sa.false(), *(column.in_(shared) for column in columns)) if shared else sa.false()
