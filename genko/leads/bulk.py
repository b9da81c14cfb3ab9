"""The same change to many leads at once. Deleting many lies with what hangs on them, in genko.people."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import Refused
from genko.leads import pipeline, tags
from genko.leads.models import Lead, LeadStage, LeadTag

_AT_ONCE = 500  # ids in one statement: databases limit the parameters of one


def move_leads(session: Session, ids: Sequence[int], to: LeadStage, *, by: int, reason: str = "") -> int:
    """How many moved. Converted leads stay where they are, and those deleted meanwhile are no obstacle."""
    roles.require(session, by, Role.STAFF)
    if to is LeadStage.CONVERTED:
        raise Refused("Convert leads one by one: each becomes a patient.")
    if to is LeadStage.LOST and not reason.strip():
        raise Refused("Say why the leads are lost.")
    free = [number for number, stage in _locked(session, ids) if stage not in {LeadStage.CONVERTED, to}]
    for number in free:
        pipeline.move(session, number, to, by=by, reason=reason)
    return len(free)


def tag_leads(session: Session, ids: Sequence[int], names: Sequence[str], *, by: int) -> int:
    roles.require(session, by, Role.STAFF)
    cleaned = tags.clean(names)
    if not cleaned:
        raise Refused("Choose a tag first.")
    there = [number for number, _ in _locked(session, ids)]
    tags.attach(session, [(number, name) for number in there for name in cleaned])
    _touch(session, there)
    audit.record(session, "leads:tag", by=by, detail=f"{len(there)} leads")
    return len(there)


def untag_leads(session: Session, ids: Sequence[int], names: Sequence[str], *, by: int) -> int:
    roles.require(session, by, Role.STAFF)
    cleaned = tags.clean(names)
    if not cleaned:
        raise Refused("Choose a tag first.")
    there = [number for number, _ in _locked(session, ids)]
    for part in _parts(there):
        session.execute(sa.delete(LeadTag).where(LeadTag.lead_id.in_(part), LeadTag.name.in_(cleaned)))
    _touch(session, there)
    audit.record(session, "leads:untag", by=by, detail=f"{len(there)} leads")
    return len(there)


def _locked(session: Session, ids: Sequence[int]) -> list[tuple[int, LeadStage]]:
    """Those that still exist, in one order, so that two bulk changes wait for each other and never block each other."""
    found: list[tuple[int, LeadStage]] = []
    for part in _parts(sorted(set(ids))):
        asked = sa.select(Lead.id, Lead.stage).where(Lead.id.in_(part)).order_by(Lead.id).with_for_update()
        found += [(number, stage) for number, stage in session.execute(asked)]
    return found


def _touch(session: Session, ids: Sequence[int]) -> None:
    for part in _parts(ids):
        session.execute(sa.update(Lead).where(Lead.id.in_(part)).values(changed_at=clock.now()))


def _parts(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]
