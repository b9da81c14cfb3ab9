"""The same change to many leads at once. Deleting many lies with what hangs on them, in genko.people."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db
from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import Refused
from genko.leads import pipeline, tags
from genko.leads.models import Lead, LeadStage, LeadTag


def move_leads(
    session: Session,
    ids: Sequence[int],
    to: LeadStage,
    *,
    by: int,
    reason: str = "",
    seen_at: datetime | None = None,
) -> int:
    """How many moved. Converted leads stay where they are, and those deleted meanwhile are no obstacle.

    `seen_at` is when the screen was drawn: what somebody else has moved since then stays where they put it.
    """
    roles.require(session, by, Role.STAFF)
    if to is LeadStage.CONVERTED:
        raise Refused("Convert leads one by one: each becomes a patient.")
    if to is LeadStage.LOST and not reason.strip():
        raise Refused("Say why the leads are lost.")
    free = {
        one.id: one.stage
        for one in _locked(session, ids)
        if one.stage not in {LeadStage.CONVERTED, to} and (seen_at is None or one.stage_changed_at <= seen_at)
    }
    pipeline.move_all(session, free, to, by=by, reason=reason)
    return len(free)


def tag_leads(session: Session, ids: Sequence[int], names: Sequence[str], *, by: int) -> int:
    roles.require(session, by, Role.STAFF)
    cleaned = tags.clean(names)
    if not cleaned:
        raise Refused("Choose a tag first.")
    there = [one.id for one in _locked(session, ids)]
    tags.attach(session, [(number, name) for number in there for name in cleaned])
    _touch(session, there)
    details = dict.fromkeys(there, ", ".join(cleaned))
    audit.record_all(session, "lead:tag", by=by, subject_kind="lead", details=details)
    return len(there)


def untag_leads(session: Session, ids: Sequence[int], names: Sequence[str], *, by: int) -> int:
    roles.require(session, by, Role.STAFF)
    cleaned = tags.clean(names)
    if not cleaned:
        raise Refused("Choose a tag first.")
    there = [one.id for one in _locked(session, ids)]
    for part in db.parts(there):
        session.execute(sa.delete(LeadTag).where(LeadTag.lead_id.in_(part), LeadTag.name.in_(cleaned)))
    _touch(session, there)
    details = dict.fromkeys(there, ", ".join(cleaned))
    audit.record_all(session, "lead:untag", by=by, subject_kind="lead", details=details)
    return len(there)


def _locked(session: Session, ids: Sequence[int]) -> list[sa.Row[int, LeadStage, datetime]]:
    """Those that still exist, in one order, so that two bulk changes wait for each other and never block each other."""
    asked = sa.select(Lead.id, Lead.stage, Lead.stage_changed_at).order_by(Lead.id).with_for_update()
    return [
        row for part in db.parts(sorted(set(ids))) for row in session.execute(asked.where(Lead.id.in_(part)))
    ]


def _touch(session: Session, ids: Sequence[int]) -> None:
    for part in db.parts(ids):
        session.execute(sa.update(Lead).where(Lead.id.in_(part)).values(changed_at=clock.now()))
