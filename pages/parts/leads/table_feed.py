"""What the table of leads draws, for the page's script and for the route by which it keeps up to date."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from genko import phone
from genko.access.clinic import get_clinic
from genko.db import Session
from genko.leads import table
from genko.leads.filters import LeadFilter
from genko.leads.models import LeadStage
from genko.leads.table import LeadRow, LeadSort
from genko.messages import lead_conversations
from genko.paging import Page
from pages.parts.kit.times import exact, short_date
from pages.parts.leads import lead_address

_PATH = "/admin/api/leads"


@dataclass(frozen=True)
class TablePlace:
    """Which rows of all that the filter leaves: in which order, and which page of them."""

    sort: LeadSort
    descending: bool
    page: int


@dataclass(frozen=True, slots=True)
class Row:
    """One lead as the grid shows it. `…_at` is ISO 8601 in UTC, `…_date` the day in words, `…_title` the exact time."""

    id: int
    name: str
    phone: str
    email: str
    stage: str
    stage_label: str
    source: str
    tags: tuple[str, ...]
    created_at: str
    created_date: str
    created_title: str
    contacted_at: str | None
    contacted_date: str
    contacted_title: str
    uncontacted: bool
    converted: bool


def address(wanted: LeadFilter, place: TablePlace) -> str:
    way = "down" if place.descending else "up"
    return lead_address.address(_PATH, wanted, sort=place.sort, way=way, page=place.page)


def place_of(query: Mapping[str, str]) -> TablePlace:
    return TablePlace(
        sort=lead_address.choice(query, "sort", LeadSort) or LeadSort.CREATED,
        descending=query.get("way") != "up",
        page=lead_address.number(query, "page") or 1,
    )


def read_page(session: Session, wanted: LeadFilter, place: TablePlace, at: datetime) -> Page[LeadRow]:
    return table.find_page(session, wanted, place.sort, place.descending, place.page, at)


def table_payload(session: Session, found: Page[LeadRow], at: datetime) -> dict[str, Any]:
    nameless = [row.id for row in found.rows if not (row.name or row.phone)]
    handles = lead_conversations.find_talking(session, nameless)
    clinic = get_clinic(session)
    zone = ZoneInfo(clinic.time_zone)
    rows = [_row(row, handles.get(row.id, ""), at, zone, clinic.region) for row in found.rows]
    return {"rows": [asdict(row) for row in rows], "total": found.total, "page": found.page}


def _row(row: LeadRow, handle: str, now: datetime, zone: ZoneInfo, region: str) -> Row:
    """`handle` is the name on the channel of somebody without name and phone."""
    return Row(
        id=row.id,
        name=row.name or handle,
        phone=phone.shown(row.phone, region) if row.phone else "",
        email=row.email or "",
        stage=row.stage.value,
        stage_label=row.stage.capitalize(),
        source=row.source.label,
        tags=row.tags,
        created_at=row.created_at.isoformat(),
        created_date=short_date(row.created_at, now, zone),
        created_title=exact(row.created_at, zone),
        contacted_at=row.contacted_at.isoformat() if row.contacted_at else None,
        contacted_date=short_date(row.contacted_at, now, zone) if row.contacted_at else "Not yet",
        contacted_title=_contact(row, zone),
        uncontacted=row.uncontacted,
        converted=row.stage is LeadStage.CONVERTED,
    )


def _contact(row: LeadRow, zone: ZoneInfo) -> str:
    since = exact(row.contacted_at, zone) if row.contacted_at else "Nobody has been in touch yet"
    return f"{since}. Nobody in touch for 24 hours." if row.uncontacted and row.contacted_at else since
