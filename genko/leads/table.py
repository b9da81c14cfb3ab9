"""The table of leads: filtered, sorted and paged by the database."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.leads import tags
from genko.leads.filters import LeadFilter, conditions, is_uncontacted
from genko.leads.models import Lead, LeadSource, LeadStage, LeadTag

PAGE = 50  # rows


class LeadSort(StrEnum):
    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    STAGE = "stage"
    SOURCE = "source"
    TAGS = "tags"
    CREATED = "created"
    CONTACTED = "contacted"


@dataclass(frozen=True)
class LeadRow:
    id: int
    name: str
    phone: str | None
    email: str | None
    stage: LeadStage
    source: LeadSource
    tags: tuple[str, ...]
    created_at: datetime
    contacted_at: datetime | None  # None: nobody of ours has been in touch yet
    uncontacted: bool  # for too long
    patient_id: int | None


@dataclass(frozen=True)
class LeadPage:
    """`page` is the one that is shown: the last one when fewer are left than were asked for."""

    rows: tuple[LeadRow, ...]
    total: int
    page: int
    pages: int


def find_page(
    session: Session, wanted: LeadFilter, sort: LeadSort, descending: bool, page: int, at: datetime
) -> LeadPage:
    """Pages count from 1."""
    chosen = conditions(session, wanted, at)
    total = session.scalar(sa.select(sa.func.count()).select_from(Lead).where(*chosen)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    # The ids first: an index alone answers that, however deep the page.
    ids = session.scalars(
        sa.select(Lead.id)
        .where(*chosen)
        .order_by(*_order(sort, descending=descending))
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    return LeadPage(tuple(_rows(session, list(ids), at)), total, page, pages)


def find_ids(session: Session, wanted: LeadFilter, at: datetime) -> list[int]:
    """All that the filter leaves, newest first."""
    return list(
        session.scalars(sa.select(Lead.id).where(*conditions(session, wanted, at)).order_by(Lead.id.desc()))
    )


_FIRST_TAG = (
    sa.select(sa.func.min(LeadTag.name)).where(LeadTag.lead_id == Lead.id).correlate(Lead).scalar_subquery()
)
_COLUMNS: dict[LeadSort, Any] = {
    LeadSort.NAME: Lead.sort_name,
    LeadSort.PHONE: Lead.phone,
    LeadSort.EMAIL: Lead.email,
    LeadSort.STAGE: sa.case({stage.value: place for place, stage in enumerate(LeadStage)}, value=Lead.stage),
    LeadSort.SOURCE: Lead.source,
    LeadSort.TAGS: _FIRST_TAG,
    LeadSort.CREATED: Lead.created_at,
    LeadSort.CONTACTED: Lead.uncontacted_since,
}
_MAY_BE_MISSING = {LeadSort.PHONE, LeadSort.EMAIL, LeadSort.TAGS}


def _order(sort: LeadSort, *, descending: bool) -> list[sa.ColumnElement[Any]]:
    """Those without a value come last, whichever way."""
    column = _COLUMNS[sort]
    chosen = column.desc() if descending else column.asc()
    if sort in _MAY_BE_MISSING:
        chosen = chosen.nulls_last()
    return [chosen, Lead.id.desc() if descending else Lead.id.asc()]


def _rows(session: Session, ids: list[int], at: datetime) -> list[LeadRow]:
    labels = tags.of(session, ids)
    leads = {lead.id: lead for lead in session.scalars(sa.select(Lead).where(Lead.id.in_(ids)))}
    return [_row(leads[number], labels.get(number, []), at) for number in ids if number in leads]


def _row(lead: Lead, labels: list[str], at: datetime) -> LeadRow:
    return LeadRow(
        id=lead.id,
        name=lead.name,
        phone=lead.phone,
        email=lead.email,
        stage=lead.stage,
        source=lead.source,
        tags=tuple(labels),
        created_at=lead.created_at,
        contacted_at=lead.uncontacted_since if lead.uncontacted_since > lead.created_at else None,
        uncontacted=is_uncontacted(lead.stage, lead.uncontacted_since, at),
        patient_id=lead.patient_id,
    )
