"""What every screen shows beside its own data: the worker's heartbeat, who waits, whether the database answers."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from genko import worker_leases
from genko.access.clinic import get_clinic
from genko.db import Session
from genko.messages import inbox
from genko.worker_leases import Pulse

SILENT_AFTER = timedelta(seconds=20)
DATABASE_DOWN = "Database out of reach. Trying again…"


@dataclass(frozen=True)
class Status:
    """Times are ISO 8601 in UTC. `silent` and `database` are sentences for staff, empty while all is well."""

    worker_at: str | None = None
    worker_error: str = ""
    silent: str = ""
    waiting_count: int = 0
    database: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read_status(session: Session, now: datetime) -> Status:
    pulse = worker_leases.pulse(session)
    return Status(
        worker_at=pulse.at.isoformat() if pulse.at else None,
        worker_error=pulse.last_error,
        silent=_silence(pulse, now, ZoneInfo(get_clinic(session).time_zone)),
        waiting_count=inbox.count_waiting(session),
    )


def _silence(pulse: Pulse, now: datetime, zone: ZoneInfo) -> str:
    if pulse.at and now - pulse.at <= SILENT_AFTER:
        return ""
    since = f" since {pulse.at.astimezone(zone):%H:%M}" if pulse.at else ""
    return (
        f"Nothing comes in or goes out{since}: Genkō's worker is not running. Tell your administrator. "
        "What you send waits."
    )
