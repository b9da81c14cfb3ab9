"""Reads a story: one line a message, written so that a person can read it too.

    4d 09:12 < Good morning!            four days ago at that time of the clinic's clock, by the patient
    +6 M: Good morning, how can we help?   six minutes later, by Maria (J: Jonas, A: Ada)
    -40 < [image] Here it is.           forty minutes before now, with a picture
    +2 M: [delivered] Thank you         the tick it has; `[63016]` is the code of a failure

`⏎` is a new line inside a message.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from genko.channels.base import Delivery
from genko.leads.models import LeadStage
from genko.messages.models import ConversationStatus, Priority, TouchKind

ZONE = ZoneInfo("Europe/Berlin")
_LINE = re.compile(
    r"(?:(?P<days>\d)d (?P<clock>\d\d:\d\d)|\+(?P<later>\d+)|-(?P<ago>\d+)) "
    r"(?:<|(?P<staff>[AMJ]):) (?:\[(?P<mark>\w+)\] ?)?(?P<body>.*)"
)
_FILES = {"image", "audio", "document"}


@dataclass(frozen=True)
class Record:
    """A patient's record, or what staff have typed about a lead when there is a `stage`."""

    first_name: str
    last_name: str
    email: str = ""
    notes: str = ""
    stage: LeadStage | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Noted:
    """A touch."""

    kind: TouchKind
    days: int
    clock: str
    staff: str
    note: str


@dataclass(frozen=True)
class Story:
    """One conversation. `name` is how the sandbox calls the person: nobody tells it to us."""

    phone: str
    name: str
    talk: str
    record: Record | None = None
    routine: str = ""  # language of the appointment reminder that came before the talk
    status: ConversationStatus = ConversationStatus.ACTIVE
    priority: Priority = Priority.MEDIUM
    ai: bool = True
    assignee: str = ""
    unread: bool = False
    unreachable: bool = False
    touches: tuple[Noted, ...] = ()


@dataclass(frozen=True)
class Line:
    """One message of a talk. `staff` is empty when the patient wrote it."""

    at: datetime
    staff: str
    body: str
    file: str = ""
    delivery: Delivery | None = None
    error_code: str = ""


def read(talk: str, now: datetime) -> Iterator[Line]:
    at = now
    for row in filter(None, map(str.strip, talk.splitlines())):
        found = _LINE.fullmatch(row)
        if found is None:
            raise ValueError(f"not a line of a story: {row}")
        at = _time(found, at, now)
        yield _line(found, at)


def past(now: datetime, days: int, clock: str) -> datetime:
    """That time of the clinic's clock, `days` days ago."""
    day = now.astimezone(ZONE).date() - timedelta(days=days)
    return datetime.combine(day, time.fromisoformat(clock), ZONE).astimezone(UTC)


def _time(found: re.Match[str], before: datetime, now: datetime) -> datetime:
    if found["days"]:
        return past(now, int(found["days"]), found["clock"])
    if found["later"]:
        return before + timedelta(minutes=int(found["later"]))
    # Providers tell whole seconds.
    return now.replace(microsecond=0) - timedelta(minutes=int(found["ago"]))


def _line(found: re.Match[str], at: datetime) -> Line:
    mark, staff = found["mark"] or "", found["staff"] or ""
    body = found["body"].replace("⏎", "\n")
    if not staff:
        return Line(at, "", body, file=_file(mark))
    if mark.isdecimal():
        return Line(at, staff, body, delivery=Delivery.FAILED, error_code=mark)
    return Line(at, staff, body, delivery=Delivery(mark or "read"))


def _file(mark: str) -> str:
    if mark and mark not in _FILES:
        raise ValueError(f"not a kind of file: {mark}")
    return mark
