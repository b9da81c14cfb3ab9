"""Leads as a CSV file that a spreadsheet opens right and that runs nothing in it."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, roles
from genko.access.clinic import get_clinic
from genko.access.models import Role
from genko.leads import table, tags
from genko.leads.filters import LeadFilter
from genko.leads.models import Lead

_HEADERS = (
    "First name", "Last name", "Phone", "Email", "Source", "Stage", "Tags", "Notes", "Added", "Lost because",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of one
_AT_ONCE = 500  # leads in one statement


def export(session: Session, wanted: LeadFilter, *, by: int) -> bytes:
    """Of all that the filter leaves."""
    return export_ids(session, table.find_ids(session, wanted, clock.now()), by=by)


def export_ids(session: Session, ids: Sequence[int], *, by: int) -> bytes:
    roles.require(session, by, Role.STAFF)
    zone = ZoneInfo(get_clinic(session).time_zone)
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(_HEADERS)
    count = 0
    for start in range(0, len(ids), _AT_ONCE):
        for cells in _rows(session, ids[start : start + _AT_ONCE], zone):
            writer.writerow([defused(cell) for cell in cells])
            count += 1
    audit.record(session, "leads:export", by=by, detail=f"{count} leads")
    return written.getvalue().encode("utf-8-sig")  # the mark tells a spreadsheet that it is UTF-8


def defused(cell: str) -> str:
    """An apostrophe makes a spreadsheet show the cell as text; the import takes it away again."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _rows(session: Session, ids: Sequence[int], zone: ZoneInfo) -> Iterable[list[str]]:
    labels = tags.of(session, ids)
    leads = {lead.id: lead for lead in session.scalars(sa.select(Lead).where(Lead.id.in_(ids)))}
    for number in ids:
        if lead := leads.get(number):
            yield _cells(lead, labels.get(number, []), zone)


def _cells(lead: Lead, labels: Sequence[str], zone: ZoneInfo) -> list[str]:
    return [
        lead.first_name,
        lead.last_name,
        lead.phone or "",
        lead.email or "",
        lead.source.capitalize(),
        lead.stage.capitalize(),
        ", ".join(labels),
        lead.notes,
        _local(lead.created_at, zone),
        lead.lost_reason,
    ]


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
