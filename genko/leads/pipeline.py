"""A lead's way from stage to stage, and the one place where its stage changes short of converting it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db, text
from genko.access import audit, roles
from genko.access.clinic import get_clinic
from genko.access.models import Role, StaffMember
from genko.errors import NotFound, Refused
from genko.leads import lookup
from genko.leads.models import Lead, LeadSource, LeadStage, LeadStageChange

LONGEST_REASON = 500  # characters


@dataclass(frozen=True)
class Step:
    """One step of a lead's history. The first is how it came in and has a `source`."""

    stage: LeadStage
    at: datetime
    by: str = ""  # the staff member's name; empty: the program
    reason: str = ""
    source: LeadSource | None = None


def move(
    session: Session,
    lead_id: int,
    to: LeadStage,
    *,
    by: int,
    expected: LeadStage | None = None,
    reason: str = "",
) -> None:
    """`expected` is the stage in which the person saw the lead: somebody else's move since then stops theirs."""
    roles.require(session, by, Role.STAFF)
    reason = clean_reason(reason)
    was = _stage(session, lead_id)
    while was is not to:
        _refuse_what_may_not_be(session, lead_id, was, to, expected, reason)
        if _take(session, lead_id, was, to, reason):
            _record(session, lead_id, was, to, reason, by)
            return
        was = _stage(session, lead_id)  # somebody else was quicker


def clean_reason(typed: str) -> str:
    return text.storable(typed).strip()[:LONGEST_REASON]


def say_why_lost(lead: Lead, reason: str) -> bool:
    """Of a lead that is lost and stays so; whether it is another reason than before."""
    reason = clean_reason(reason)
    is_new = lead.stage is LeadStage.LOST and reason not in {"", lead.lost_reason}
    if is_new:
        lead.lost_reason = reason
    return is_new


def move_all(
    session: Session, was: Mapping[int, LeadStage], to: LeadStage, *, by: int, reason: str = ""
) -> None:
    """Leads that the caller holds, each in the stage that it says; none of them converted, none in `to` already."""
    reason = clean_reason(reason)
    for part in db.in_batches(was):
        session.execute(
            sa.update(Lead).where(Lead.id.in_(part)).values(_moved(to, reason)),
            execution_options={"synchronize_session": False},
        )
    note_steps(session, was, to, by=by, reason=reason)
    details = {one: f"{stage} > {to}" for one, stage in was.items()}
    audit.record_all(session, "lead:move", by=by, subject_kind="lead", details=details)


def note_steps(
    session: Session, was: Mapping[int, LeadStage], to: LeadStage, *, by: int, reason: str = ""
) -> list[int]:
    """Into the history, in the order of the steps: their ids, which are returned, tell it."""
    now = clock.now()
    steps = [
        LeadStageChange(lead_id=lead_id, from_stage=stage, to_stage=to, at=now, staff_id=by, reason=reason)
        for lead_id, stage in was.items()
    ]
    session.add_all(steps)
    session.flush()
    return [step.id for step in steps]


def find_steps(session: Session, lead_id: int) -> list[Step]:
    """Oldest first."""
    lead = lookup.get(session, lead_id)
    changes = session.execute(_CHANGES.where(LeadStageChange.lead_id == lead_id)).all()
    came_in_as = changes[0].from_stage if changes else lead.stage
    steps = [Step(one.to_stage, one.at, one.name or "", one.reason) for one in changes]
    return [Step(came_in_as, lead.created_at, source=lead.source), *steps]


_CHANGES: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        LeadStageChange.from_stage,
        LeadStageChange.to_stage,
        LeadStageChange.at,
        LeadStageChange.reason,
        StaffMember.name,
    )
    .join(StaffMember, StaffMember.id == LeadStageChange.staff_id, isouter=True)
    .order_by(LeadStageChange.id)
)


def already_converted(session: Session, lead_id: int) -> str:
    """By whom and when, in the clinic's time."""
    asked = (
        sa.select(Lead.converted_at, StaffMember.name)
        .join(StaffMember, StaffMember.id == Lead.converted_by, isouter=True)
        .where(Lead.id == lead_id)
    )
    at, name = session.execute(asked).one()
    when = f" on {_moment(at, ZoneInfo(get_clinic(session).time_zone))}" if at else ""
    return f"Already converted by {name or 'somebody'}{when}."


def _moment(at: datetime, zone: ZoneInfo) -> str:
    """With the year only when it is another one."""
    local = at.astimezone(zone)
    this_year = local.year == clock.now().astimezone(zone).year
    return f"{local.day} {local:%B at %H:%M}" if this_year else f"{local.day} {local:%B %Y at %H:%M}"


def _stage(session: Session, lead_id: int) -> LeadStage:
    """As the database has it now, whatever this session has read before."""
    stage = session.scalar(sa.select(Lead.stage).where(Lead.id == lead_id))
    if stage is None:
        raise NotFound(lookup.GONE)
    return stage


def _refuse_what_may_not_be(
    session: Session, lead_id: int, was: LeadStage, to: LeadStage, expected: LeadStage | None, reason: str
) -> None:
    if was is LeadStage.CONVERTED:
        raise Refused(f"{already_converted(session, lead_id)} A patient's lead stays where it is.")
    if expected not in {None, was}:
        raise Refused(_moved_sentence(session, lead_id, was))
    if to is LeadStage.CONVERTED:
        raise Refused("Convert the lead instead.")
    if to is LeadStage.LOST and not reason:
        raise Refused("Say why the lead is lost.")


def _take(session: Session, lead_id: int, was: LeadStage, to: LeadStage, reason: str) -> bool:
    """Whether the lead was still in the stage `was`, and is in the new one now."""
    moved = session.execute(
        sa.update(Lead)
        .where(Lead.id == lead_id, Lead.stage == was)
        .values(_moved(to, reason))
        .returning(Lead.id),
        # By the rows that were really changed: an object of this session may show an older stage.
        execution_options={"synchronize_session": "fetch"},
    )
    return moved.scalar_one_or_none() is not None


def _moved(to: LeadStage, reason: str) -> dict[str, Any]:
    """The columns that change with the stage. A person who moves a lead has looked at it."""
    now = clock.now()
    return {
        "stage": to,
        "stage_changed_at": now,
        "changed_at": now,
        "lost_reason": reason if to is LeadStage.LOST else "",
        "accepted_at": sa.func.coalesce(Lead.accepted_at, now),
    }


def _record(session: Session, lead_id: int, was: LeadStage, to: LeadStage, reason: str, by: int) -> None:
    note_steps(session, {lead_id: was}, to, by=by, reason=reason)
    audit.record(session, "lead:move", by=by, subject_kind="lead", subject_id=lead_id, detail=f"{was} > {to}")


def _moved_sentence(session: Session, lead_id: int, stage: LeadStage) -> str:
    newest = _CHANGES.where(LeadStageChange.lead_id == lead_id).order_by(None)
    last = session.execute(newest.order_by(LeadStageChange.id.desc()).limit(1)).first()
    if last is None or not last.name:
        return f"This lead is in {stage.capitalize()} by now."
    return f"{last.name} has moved this lead to {stage.capitalize()} in the meantime."
