"""The same change to many leads at once. Deleting many lies with what hangs on them, in genko.people."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db
from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import Refused
from genko.leads import pipeline, tags
from genko.leads.models import Lead, LeadStage, LeadTag


@dataclass(frozen=True)
class Done:
    """How many leads were changed, and how many were not: for which reason, the verb says."""

    leads: int
    left_out: int = 0
    moved: Collection[int] = field(default=(), compare=False)  # the ids of those whose stage it changed


def move_leads(
    session: Session,
    ids: Sequence[int],
    to: LeadStage,
    *,
    by: int,
    reason: str = "",
    seen: Mapping[int, datetime] | None = None,
) -> Done:
    """Left out are converted leads, and what somebody else has moved since it was `seen`, by its id.

    Those deleted meanwhile are no obstacle.
    """
    roles.require(session, by, Role.STAFF)
    if to is LeadStage.CONVERTED:
        raise Refused("Convert leads one by one: each becomes a patient.")
    if to is LeadStage.LOST and not reason.strip():
        raise Refused("Say why the leads are lost.")
    elsewhere = [one for one in _locked(session, ids) if one.stage is not to]
    free = {
        one.id: one.stage
        for one in elsewhere
        if one.stage is not LeadStage.CONVERTED and (seen is None or one.stage_changed_at <= seen[one.id])
    }
    pipeline.move_all(session, free, to, by=by, reason=reason)
    return Done(len(free), len(elsewhere) - len(free), free.keys())


def tag_leads(session: Session, ids: Sequence[int], names: Sequence[str], *, by: int) -> Done:
    """Leaves out those who would have too many tags."""
    roles.require(session, by, Role.STAFF)
    cleaned = tags.clean(names)
    if not cleaned:
        raise Refused("Choose a tag first.")
    tags.refuse_more(cleaned)
    there = [one.id for one in _locked(session, ids)]
    full = {number for part in db.in_batches(there) for number in tags.find_full(session, part, cleaned)}
    tagged = [number for number in there if number not in full]
    tags.attach(session, [(number, name) for number in tagged for name in cleaned])
    _touch(session, tagged)
    details = dict.fromkeys(tagged, ", ".join(cleaned))
    audit.record_all(session, "lead:tag", by=by, subject_kind="lead", details=details)
    return Done(len(tagged), len(full))


def untag_leads(session: Session, ids: Sequence[int], names: Sequence[str], *, by: int) -> int:
    roles.require(session, by, Role.STAFF)
    cleaned = tags.clean(names)
    if not cleaned:
        raise Refused("Choose a tag first.")
    there = [one.id for one in _locked(session, ids)]
    for part in db.in_batches(there):
        session.execute(sa.delete(LeadTag).where(LeadTag.lead_id.in_(part), LeadTag.name.in_(cleaned)))
    _touch(session, there)
    details = dict.fromkeys(there, ", ".join(cleaned))
    audit.record_all(session, "lead:untag", by=by, subject_kind="lead", details=details)
    return len(there)


def _locked(session: Session, ids: Sequence[int]) -> list[sa.Row[int, LeadStage, datetime]]:
    """Those that still exist, in one order, so that two bulk changes wait for each other and never block each other."""
    asked = sa.select(Lead.id, Lead.stage, Lead.stage_changed_at).order_by(Lead.id).with_for_update()
    return [
        row
        for part in db.in_batches(sorted(set(ids)))
        for row in session.execute(asked.where(Lead.id.in_(part)))
    ]


def _touch(session: Session, ids: Sequence[int]) -> None:
    for part in db.in_batches(ids):
        session.execute(sa.update(Lead).where(Lead.id.in_(part)).values(changed_at=clock.now()))
