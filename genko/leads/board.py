"""The board: a column for each stage, the newest-moved leads first. One statement for the counts, one for the cards, one for tags."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import phone, text
from genko.access.clinic import get_clinic
from genko.leads import filters, tags
from genko.leads.filters import LeadFilter
from genko.leads.models import Lead, LeadSource, LeadStage

SHOWN = 50  # cards of a column, before more are asked for


class Card(NamedTuple):
    id: int
    stage: LeadStage
    name: str
    phone: str  # as the clinic writes it; empty when there is none
    source: LeadSource
    tags: tuple[str, ...]
    created_at: datetime
    uncontacted: bool
    new: bool  # came in by itself, and nobody has looked at it
    lost_reason: str


@dataclass(frozen=True)
class Column:
    stage: LeadStage
    count: int  # under the filter, however many are shown
    cards: tuple[Card, ...]
    left_out: bool = False  # by a filter that wants another stage


@dataclass(frozen=True)
class Board:
    columns: tuple[Column, ...]


def find_board(
    session: Session, wanted: LeadFilter, *, at: datetime, shown: Mapping[LeadStage, int] | None = None
) -> Board:
    """`shown` says how many cards of a stage to show, `SHOWN` where it says nothing.

    A filter that wants one stage empties the other columns, whose counts stay true: leads can still be dropped there.
    """
    filtered = filters.conditions(session, replace(wanted, stage=None), at)
    counts = _counts(session, filtered)
    limits = {stage: (shown or {}).get(stage, SHOWN) for stage in counts if wanted.stage in {None, stage}}
    found = _newest(session, filtered, limits)
    labels = tags.of(session, [row.id for rows in found.values() for row in rows])
    region = get_clinic(session).region
    return Board(
        tuple(
            Column(
                stage,
                counts.get(stage, 0),
                tuple(_card(row, labels.get(row.id, []), region, at) for row in found.get(stage, [])),
                left_out=wanted.stage not in {None, stage},
            )
            for stage in LeadStage
        )
    )


_Row = sa.Row[*tuple[Any, ...]]


_Conditions = Sequence[sa.ColumnElement[bool]]


def _counts(session: Session, filtered: _Conditions) -> dict[LeadStage, int]:
    counted = sa.select(Lead.stage, sa.func.count()).where(*filtered).group_by(Lead.stage)
    return dict(session.execute(counted).all())


def _newest(
    session: Session, filtered: _Conditions, limits: Mapping[LeadStage, int]
) -> dict[LeadStage, list[_Row]]:
    found: dict[LeadStage, list[_Row]] = defaultdict(list)
    if not limits:
        return found
    for row in session.execute(_columns(filtered, limits)):
        found[row.stage].append(row)
    return found


def _columns(filtered: _Conditions, limits: Mapping[LeadStage, int]) -> sa.Select[*tuple[Any, ...]]:
    """Each column for itself, so that the index ix_lead_board answers it."""
    newest = _CARDS.where(*filtered).order_by(Lead.stage_changed_at.desc(), Lead.id.desc())
    columns = [
        sa.select(newest.where(Lead.stage == stage).limit(limit).subquery())
        for stage, limit in limits.items()
    ]
    found = sa.union_all(*columns).subquery()
    *shown, moved_at = found.c
    return sa.select(*shown).order_by(moved_at.desc(), found.c.id.desc())


_CARDS: sa.Select[*tuple[Any, ...]] = sa.select(
    Lead.id, Lead.stage, Lead.first_name, Lead.last_name, Lead.phone, Lead.source, Lead.created_at,
    Lead.uncontacted_since, Lead.accepted_at.is_(None), Lead.lost_reason, Lead.stage_changed_at,
)  # fmt: skip


def _card(row: _Row, labels: Sequence[str], region: str, at: datetime) -> Card:
    number, stage, first, last, its_phone, source, created_at, uncontacted_since, unseen, lost_reason = row
    return Card(
        number,
        stage,
        text.full_name(first, last),
        phone.shown(its_phone, region) if its_phone else "",
        source,
        tuple(labels),
        created_at,
        filters.is_uncontacted(stage, uncontacted_since, at),
        unseen and stage.is_open,
        lost_reason,
    )
