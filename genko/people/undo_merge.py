"""Undoes a merge: both records are as they were, except for what staff have changed in the winner since."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, roles
from genko.access.models import Role, StaffMember
from genko.errors import NotFound, Refused
from genko.leads.models import Lead, LeadStageChange
from genko.messages import lead_contact
from genko.patients.models import Patient
from genko.people import display_names, locks, move_related, record_tags, snapshots
from genko.people.merge_choices import FIELDS
from genko.people.models import Merge, MergeKind


def undo(session: Session, merge_id: int, *, by: int) -> None:
    roles.require(session, by, Role.STAFF)
    merge = _merge(session, merge_id)
    if merge.kind is MergeKind.PATIENTS:
        roles.require(session, by, Role.ADMIN)
    locks.hold(session, **move_related.records(session, merge.kind, merge.winner_id, merge.loser_id))
    winner = _winner(
        session, _merge(session, merge_id)
    )  # read again: somebody may have undone it while we waited for the locks
    loser = _bring_back(session, merge)
    move_related.move_back(session, merge)
    session.expire_all()  # rows that were moved by statements
    _take_back(session, merge, winner)
    for record, before in ((winner, merge.winner_before), (loser, merge.loser)):
        if isinstance(record, Lead):
            _keep_contacts(session, record, before, merge.at)
    merge.undone_at, merge.undone_by = clock.now(), by
    session.flush()
    display_names.follow(session, winner)
    display_names.follow(session, loser)
    audit.record(
        session,
        "merge:undo",
        by=by,
        subject_kind=_noun(merge),
        subject_id=merge.winner_id,
        detail=f"merge {merge.id}",
    )


def _merge(session: Session, merge_id: int) -> Merge:
    merge = session.get(Merge, merge_id, populate_existing=True)
    if merge is None:
        raise NotFound("This merge does not exist any more.")
    return merge


def _winner(session: Session, merge: Merge) -> Lead | Patient:
    if merge.undone_at:
        name = session.scalar(sa.select(StaffMember.name).where(StaffMember.id == merge.undone_by))
        raise Refused(f"{name or 'Somebody'} has undone this merge already.")
    of_leads = merge.kind is MergeKind.LEADS
    winner = session.get(Lead, merge.winner_id) if of_leads else session.get(Patient, merge.winner_id)
    if _later(session, merge):
        raise Refused("One of these records has been merged again since. Undo the later merge first.")
    if winner is None:
        raise Refused("The record that was kept has been deleted since, so this merge cannot be undone.")
    if isinstance(winner, Lead) and winner.patient_id is not None:
        raise Refused(
            "This lead has become a patient since, so the merge cannot be undone. "
            "Correct the patient's record, and link each conversation to the person whose it is."
        )
    return winner


def _later(session: Session, merge: Merge) -> bool:
    """Whether the winner took part in another merge after this one."""
    of_patients = Merge.kind == MergeKind.PATIENTS
    if merge.kind is MergeKind.LEADS:
        kept_there: sa.ColumnElement[bool] = Merge.kind == MergeKind.LEADS
        gone_there: sa.ColumnElement[bool] = ~of_patients
    else:
        kept_there, gone_there = Merge.kind != MergeKind.LEADS, of_patients
    involved = sa.or_(
        sa.and_(kept_there, Merge.winner_id == merge.winner_id),
        sa.and_(gone_there, Merge.loser_id == merge.winner_id),
    )
    chosen = sa.select(Merge.id).where(Merge.id > merge.id, Merge.undone_at.is_(None), involved)
    return session.scalar(chosen.limit(1)) is not None


def _bring_back(session: Session, merge: Merge) -> Lead | Patient:
    """Under its own id."""
    of_patients = merge.kind is MergeKind.PATIENTS
    kind: type[Lead | Patient] = Patient if of_patients else Lead
    session.execute(sa.insert(kind).values(snapshots.values(kind, merge.loser) | {"changed_at": clock.now()}))
    loser_id = merge.loser_id
    record = session.get_one(Patient, loser_id) if of_patients else session.get_one(Lead, loser_id)
    record_tags.add(session, record, merge.loser[snapshots.TAGS])
    _bring_back_steps(session, merge.loser.get(snapshots.STEPS, []))
    return record


def _bring_back_steps(session: Session, steps: list[dict[str, Any]]) -> None:
    """Under their own ids, because earlier merges refer to them. Older versions may have given an id to another row."""
    ids = sa.select(LeadStageChange.id).where(LeadStageChange.id.in_([step["id"] for step in steps]))
    used = set(session.scalars(ids))
    for step in steps:
        columns = {key: value for key, value in step.items() if key != "id" or value not in used}
        session.execute(sa.insert(LeadStageChange).values(snapshots.values(LeadStageChange, columns)))


def _take_back(session: Session, merge: Merge, winner: Lead | Patient) -> None:
    now = snapshots.columns(winner)
    for columns in _fields(merge.kind, type(winner)):
        if all(now[column] == merge.winner_after[column] for column in columns):
            before: dict[str, Any] = {column: merge.winner_before[column] for column in columns}
            for column, value in snapshots.values(type(winner), before).items():
                setattr(winner, column, value)
    winner.changed_at = clock.now()
    added_tags = set(merge.winner_after[snapshots.TAGS]) - set(merge.winner_before[snapshots.TAGS])
    record_tags.remove(session, winner, added_tags)
    session.flush()


def _keep_contacts(session: Session, lead: Lead, before: dict[str, Any], since: datetime) -> None:
    """As before the merge, unless there has been a contact since with the person of this record."""
    was = snapshots.values(Lead, before)["contacted_at"]
    written, noted = (
        lead_contact.newest_message(session, lead.id, since),
        lead_contact.newest_touch(session, lead.id),
    )
    lead.contacted_at = max(filter(None, (was, written, noted)), default=None)


def _fields(kind: MergeKind, record: type[Lead | Patient]) -> list[tuple[str, ...]]:
    """Columns that staff edit together, and every other column by itself."""
    groups = list(FIELDS[kind].values())
    grouped = {column for group in groups for column in group}
    return [*groups, *((column,) for column in snapshots.fields(record) if column not in grouped)]


def _noun(merge: Merge) -> str:
    return "lead" if merge.kind is MergeKind.LEADS else "patient"
