"""Which leads a table, a board, a bulk change or an export means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db, search
from genko.leads.models import Lead, LeadSource, LeadStage, LeadTag

CONTACT_WITHIN = timedelta(hours=24)  # an open lead that nobody has been in touch with for longer is marked
INDEX = search.Index("lead_search", "lead_id")
_OPEN = [stage for stage in LeadStage if stage.is_open]


@dataclass(frozen=True)
class LeadFilter:
    stage: LeadStage | None = None
    source: LeadSource | None = None
    tag: str = ""
    uncontacted: bool = False  # open, and nobody in touch for `CONTACT_WITHIN`
    search: str = ""  # a name, an email, a phone in any spelling


@dataclass(frozen=True)
class Shape:
    """What a filter asks about, without the values: a statement is built once for each."""

    dialect: str
    stage: bool
    source: bool
    tag: bool
    uncontacted: bool
    searched: bool
    nobody: bool  # signs without a letter or digit were searched for


def asked(session: Session, wanted: LeadFilter, at: datetime) -> tuple[Shape, dict[str, Any]]:
    """The shape, and the parameters of its conditions."""
    words = search.sought(wanted.search)
    shape = Shape(
        db.dialect_of(session),
        stage=wanted.stage is not None,
        source=wanted.source is not None,
        tag=bool(wanted.tag),
        uncontacted=wanted.uncontacted,
        searched=bool(words),
        nobody=words == [],
    )
    values = {
        "stage": wanted.stage,
        "source": wanted.source,
        "tag": wanted.tag,
        "not_since": at - CONTACT_WITHIN,
    }
    return shape, values | INDEX.asked(session, words or [])


@cache
def of_shape(asks: Shape) -> tuple[sa.ColumnElement[bool], ...]:
    """Its conditions on a lead."""
    return tuple(_built(asks, sa.bindparam, INDEX.matching(asks.dialect)))


def conditions(session: Session, wanted: LeadFilter, at: datetime) -> list[sa.ColumnElement[bool]]:
    """The same with the values in them, for statements that are built each time."""
    shape, values = asked(session, wanted, at)
    found = INDEX.matches(session, search.sought(wanted.search) or [])
    return _built(shape, lambda name: sa.bindparam(name, values[name], unique=True), found)


def _built(
    asks: Shape, value: Callable[[str], sa.BindParameter[Any]], found: sa.Select[Any]
) -> list[sa.ColumnElement[bool]]:
    chosen: list[sa.ColumnElement[bool]] = []
    if asks.stage:
        chosen.append(Lead.stage == value("stage"))
    if asks.source:
        chosen.append(Lead.source == value("source"))
    if asks.tag:
        chosen.append(Lead.id.in_(sa.select(LeadTag.lead_id).where(LeadTag.name == value("tag"))))
    if asks.uncontacted:
        chosen += [Lead.stage.in_(_OPEN), Lead.uncontacted_since < value("not_since")]
    if asks.searched:
        chosen.append(Lead.id.in_(sa.select(found.subquery().c.id)))
    if asks.nobody:
        chosen.append(sa.false())
    return chosen


def left(session: Session, ids: Sequence[int], wanted: LeadFilter, at: datetime) -> list[int]:
    """Those of the leads that the filter leaves, in the same order."""
    chosen = sa.select(Lead.id).where(*conditions(session, wanted, at))
    found = {number for part in db.parts(ids) for number in session.scalars(chosen.where(Lead.id.in_(part)))}
    return [one for one in ids if one in found]


def is_uncontacted(stage: LeadStage, uncontacted_since: datetime, at: datetime) -> bool:
    return stage.is_open and uncontacted_since < at - CONTACT_WITHIN
