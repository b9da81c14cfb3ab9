"""Leads as a CSV file that a spreadsheet opens right and that runs nothing in it."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db, phone
from genko.access import audit, roles
from genko.access.clinic import get_clinic
from genko.access.models import Role
from genko.leads import tags
from genko.leads.models import Lead, LeadStage

_HEADERS = (
    "First name", "Last name", "Phone", "Email", "Source", "Stage", "Tags", "Notes", "Added", "Lost because",
)  # fmt: skip
# Where the decimal mark is a comma, spreadsheets part cells by semicolons.
_DECIMAL_COMMA = (
    "AD AL AO AR AT AW AX AZ BA BE BF BG BJ BL BO BR BY CD CG CI CL CM CO CR CU CV CW CY CZ DE DK DZ EC EE ES FI FO FR GA GE "
    "GF GL GP GR HR HT HU ID IS IT KG KZ LT LU LV MA MC MD ME MF MG MK ML MN MQ MZ NC NE NL NO PF PL PM PT PY RE RO RS RU "
    "RW SE SI SJ SK SM SN TD TG TJ TN TR UA UY VA VE VN WF XK YT ZA"
)
# A formula's sign where a cell begins, or would begin for a spreadsheet that parts cells otherwise.
_CELL, _SIGN = "((?:^|[;,\t\r\n])[\"']*)", "(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])"
_FORMULA = re.compile(f"{_CELL}{_SIGN}|^(?='*[\t\r])")
_PHONE = re.compile(r"\+\d+(?: \d+)+", re.ASCII)  # nothing to run, and shown as it is
_DEFUSED = re.compile(f"{_CELL}'{_SIGN}|^'(?='*[\t\r])")


def export_ids(session: Session, ids: Sequence[int], *, by: int) -> bytes:
    roles.require(session, by, Role.STAFF)
    clinic = get_clinic(session)
    zone = ZoneInfo(clinic.time_zone)
    rows: list[Sequence[str]] = [_HEADERS]
    for part in db.in_batches(ids):
        rows += _rows(session, part, zone)
    audit.record(session, "leads:export", by=by, detail=f"{len(rows) - 1} leads")
    return spreadsheet(rows, clinic.region)


def spreadsheet(rows: Iterable[Iterable[str]], region: str) -> bytes:
    """A CSV file as the region's spreadsheets open it."""
    written = io.StringIO(newline="")
    separator = ";" if region in _DECIMAL_COMMA else ","
    writer = csv.writer(written, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows([defused(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")  # the mark tells a spreadsheet that it is UTF-8


def defused(cell: str) -> str:
    """An apostrophe makes a spreadsheet show the cell as text; software that reads phone numbers would stumble over it."""
    return cell if _PHONE.fullmatch(cell) else _FORMULA.sub(r"\1'", cell)


def undefused(cell: str) -> str:
    """What `defused` was given."""
    return _DEFUSED.sub(r"\1", cell)


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
        phone.spaced(lead.phone) if lead.phone else "",
        lead.email or "",
        lead.source.label,
        lead.stage.capitalize(),
        ", ".join(labels),
        lead.notes,
        _local(lead.created_at, zone),
        lead.lost_reason if lead.stage is LeadStage.LOST else "",
    ]


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
