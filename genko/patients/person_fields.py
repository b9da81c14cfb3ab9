"""What staff type about a person, as it is stored."""

import re

from genko import text
from genko.errors import Refused

_LONGEST_NAME = 120  # characters, the first and the last name each
LONGEST_NOTES = 10_000
_LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def clean_names(first_name: str, last_name: str) -> tuple[str, str]:
    first, last = _line(first_name), _line(last_name)
    if max(len(first), len(last)) > _LONGEST_NAME:
        raise Refused(f"A name has at most {_LONGEST_NAME} characters.")
    return first, last


def clean_email(typed: str) -> str:
    """In lower case; empty when there is none."""
    email = _line(typed).lower()
    if email and (len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email)):
        raise Refused("This does not look like an email address.")
    return email


def clean_notes(typed: str, before: str = "") -> str:
    """Never cut. Notes that a merge or an import has made longer than that may stay as they are, or be shortened."""
    notes, longest = text.storable(typed).strip(), max(LONGEST_NOTES, len(before))
    if len(notes) > longest:
        raise Refused(f"Notes have at most {longest:,} characters; these have {len(notes):,}.")
    return notes


def _line(typed: str) -> str:
    """Empty where nothing of it can be seen."""
    line = " ".join(text.storable(typed).split())
    return line if any(one.isprintable() for one in line.replace(" ", "")) else ""
