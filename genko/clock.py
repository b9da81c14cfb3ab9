"""The one clock: every time in Genkō is UTC and comes from here."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
