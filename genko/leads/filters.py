"""Which leads a table, a board, a bulk change or an export means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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


def conditions(session: Session, wanted: LeadFilter, at: datetime) -> list[sa.ColumnElement[bool]]:
    """What the filter demands of a lead."""
    chosen: list[sa.ColumnElement[bool]] = []
    if wanted.stage is not None:
        chosen.append(Lead.stage == wanted.stage)
    if wanted.source is not None:
        chosen.append(Lead.source == wanted.source)
    if wanted.tag:
        chosen.append(Lead.id.in_(sa.select(LeadTag.lead_id).where(LeadTag.name == wanted.tag)))
    if wanted.uncontacted:
        chosen += [Lead.stage.in_(_OPEN), Lead.uncontacted_since < at - CONTACT_WITHIN]
    return chosen + INDEX.narrowed(session, Lead.id, wanted.search)


def left(session: Session, ids: Sequence[int], wanted: LeadFilter, at: datetime) -> list[int]:
    """Those of the leads that the filter leaves, in the same order."""
    chosen = sa.select(Lead.id).where(*conditions(session, wanted, at))
    found = {
        number for part in db.in_batches(ids) for number in session.scalars(chosen.where(Lead.id.in_(part)))
    }
    return [one for one in ids if one in found]


def is_uncontacted(stage: LeadStage, uncontacted_since: datetime, at: datetime) -> bool:
    return stage.is_open and uncontacted_since < at - CONTACT_WITHIN
