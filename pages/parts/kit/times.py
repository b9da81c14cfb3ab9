"""Times and sizes as staff read them. Dates and times of day are in the given zone, the clinic's."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{_day(local)} {local.year}, {local:%H:%M}"


def exact(at: datetime, zone: ZoneInfo) -> str:
    """With the seconds."""
    return f"{moment(at, zone)}:{at:%S}"


def day(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Today, Yesterday or the date, with the year if it is not this year."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return "Today"
    if local.date() == today.date() - timedelta(days=1):
        return "Yesterday"
    return _day(local) if local.year == today.year else f"{_day(local)} {local.year}"


def short_date(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    date = f"{local.day} {_MONTHS[local.month - 1][:3]}"
    return date if local.year == now.astimezone(zone).year else f"{date} {local.year}"


def ago(at: datetime, now: datetime) -> str:
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def size(byte_count: int) -> str:
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if byte_count >= factor:
            return f"{byte_count / factor:.1f} {unit}"
    return f"{byte_count} B"


def _day(local: datetime) -> str:
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"
