"""What staff type about a person, as it is stored."""

import re

from genko import text
from genko.errors import Refused

LONGEST_NAME = 120  # characters, the first and the last name each
_LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def clean_names(first_name: str, last_name: str) -> tuple[str, str]:
    first, last = _line(first_name), _line(last_name)
    if max(len(first), len(last)) > LONGEST_NAME:
        raise Refused(f"A name has at most {LONGEST_NAME} characters.")
    return first, last


def clean_email(typed: str) -> str:
    """In lower case; empty when there is none."""
    email = _line(typed).lower()
    if email and (len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email)):
        raise Refused("This does not look like an email address.")
    return email


def _line(typed: str) -> str:
    return " ".join(text.storable(typed).split())
