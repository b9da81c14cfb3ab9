"""The clinic's own particulars."""

from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

import phonenumbers
import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.access import audit, roles
from genko.access.models import Clinic, Role
from genko.errors import Refused

_LONGEST_NAME = 120


@dataclass(frozen=True)
class ClinicInfo:
    name: str
    time_zone: str
    region: str


def get_clinic(session: Session) -> ClinicInfo:
    """The stored particulars, or the defaults before the first start has stored any."""
    row = session.execute(_CLINIC).first() or Clinic()
    return ClinicInfo(row.name, row.time_zone, row.region)


_CLINIC = sa.select(Clinic.name, Clinic.time_zone, Clinic.region).where(Clinic.id == 1)


def change_clinic(session: Session, *, by: int, name: str, time_zone: str, region: str) -> None:
    roles.require(session, by, Role.ADMIN)
    settle(session, ClinicInfo(name, time_zone, region))
    audit.record(session, "clinic changed", by=by, subject_kind="clinic", subject_id=1)


def settle(session: Session, info: ClinicInfo) -> None:
    """For verbs that have settled who may do this."""
    if info.time_zone not in find_time_zones():
        raise Refused("Choose a time zone from the list, such as Europe/Madrid.")
    if info.region not in find_regions():
        raise Refused("Choose a country from the list, such as US.")
    row = clinic_row(session)
    row.name, row.time_zone, row.region = clean_name(info.name), info.time_zone, info.region


@cache
def find_time_zones() -> tuple[str, ...]:
    """Read from the disk once: it takes as long as ten questions to the database."""
    return tuple(sorted(available_timezones()))


def find_regions() -> list[str]:
    """Countries by their two letters, as phone numbers are read."""
    return sorted(phonenumbers.SUPPORTED_REGIONS)


def clinic_row(session: Session) -> Clinic:
    """The one row, made on first use."""
    row = session.get(Clinic, 1)
    if row is None:
        row = Clinic()
        session.add(row)
        session.flush()
    return row


def clean_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME:
        raise Refused(f"Give a name of at most {_LONGEST_NAME} characters.")
    return name
