"""The table of leads: filtered, sorted and paged by the database."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from genko import text
from genko.leads import tags
from genko.leads.filters import LeadFilter, conditions, is_uncontacted
from genko.leads.models import Lead, LeadSource, LeadStage, LeadTag
from genko.paging import Page, find_place

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


class LeadRow(NamedTuple):
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


def find_page(
    session: Session, wanted: LeadFilter, sort: LeadSort, descending: bool, page: int, at: datetime
) -> Page[LeadRow]:
    filtered = conditions(session, wanted, at)
    total = session.execute(sa.select(sa.func.count()).select_from(Lead).where(*filtered)).scalar_one()
    place = find_place(page, total, PAGE)
    rows = session.execute(_sorted(filtered, sort, place.skipped, descending=descending)).all()
    labels = tags.of(session, [row.id for row in rows])
    return Page.at(place, [_row(row, labels.get(row.id, []), at) for row in rows])


def find_ids(session: Session, wanted: LeadFilter, at: datetime) -> list[int]:
    """All that the filter leaves, newest first."""
    return list(
        session.scalars(sa.select(Lead.id).where(*conditions(session, wanted, at)).order_by(Lead.id.desc()))
    )


def _sorted(
    filtered: Sequence[sa.ColumnElement[bool]], sort: LeadSort, skipped: int, *, descending: bool
) -> sa.Select[Any]:
    """One page of rows. It selects their ids first: an index alone answers that, however deep the page."""
    ids = sa.select(Lead.id, _COLUMNS[sort].label("sorted_by")).where(*filtered)
    if sort is LeadSort.TAGS:
        ids = ids.join(_FIRST_TAGS, _FIRST_TAGS.c.lead_id == Lead.id, isouter=True)
    order = _order(sort, _COLUMNS[sort], Lead.id, descending=descending)
    shown = ids.order_by(*order).limit(PAGE).offset(skipped).subquery()
    order = _order(sort, shown.c.sorted_by, shown.c.id, descending=descending)
    return _ROWS.join(shown, shown.c.id == Lead.id).order_by(*order)


_FIRST_TAGS = (
    sa.select(LeadTag.lead_id, sa.func.min(LeadTag.name).label("name")).group_by(LeadTag.lead_id).subquery()
)
_COLUMNS: dict[LeadSort, Any] = {
    LeadSort.NAME: Lead.sort_name,
    LeadSort.PHONE: Lead.phone,
    LeadSort.EMAIL: Lead.email,
    LeadSort.STAGE: sa.case({stage.value: place for place, stage in enumerate(LeadStage)}, value=Lead.stage),
    LeadSort.SOURCE: Lead.source,
    LeadSort.TAGS: _FIRST_TAGS.c.name,
    LeadSort.CREATED: Lead.created_at,
    LeadSort.CONTACTED: Lead.contacted_at,
}
_MAY_BE_MISSING = {LeadSort.PHONE, LeadSort.EMAIL, LeadSort.TAGS, LeadSort.CONTACTED}


_Id = sa.ColumnElement[int] | InstrumentedAttribute[int]


def _order(
    sort: LeadSort, column: sa.ColumnElement[Any], number: _Id, *, descending: bool
) -> list[sa.ColumnElement[Any]]:
    """Those without a value come last, whichever way."""
    chosen = column.desc() if descending else column.asc()
    if sort in _MAY_BE_MISSING:
        chosen = chosen.nulls_last()
    return [chosen, number.desc() if descending else number.asc()]


_ROWS: sa.Select[*tuple[Any, ...]] = sa.select(
    Lead.id, Lead.first_name, Lead.last_name, Lead.phone, Lead.email, Lead.stage, Lead.source, Lead.created_at,
    Lead.contacted_at, Lead.uncontacted_since.label("uncontacted_since"),
)  # fmt: skip


def _row(lead: sa.Row[*tuple[Any, ...]], labels: list[str], at: datetime) -> LeadRow:
    number, first, last, its_phone, email, stage, source, created_at, contacted_at, uncontacted_since = lead
    return LeadRow(
        id=number,
        name=text.full_name(first, last),
        phone=its_phone,
        email=email,
        stage=stage,
        source=source,
        tags=tuple(labels),
        created_at=created_at,
        contacted_at=contacted_at,
        uncontacted=is_uncontacted(stage, uncontacted_since, at),
    )
