"""A merge is taken back: both records as they were, except for what somebody has done to the kept one since."""

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
    locks.hold(session, **move_related.records(session, merge.kind, merge.kept_id, merge.gone_id))
    kept = _kept(session, _merge(session, merge_id))  # as whoever held the records before has left it
    gone = _bring_back(session, merge)
    move_related.move_back(session, merge)
    session.expire_all()  # what was moved and is known to the session
    _take_back(session, merge, kept)
    for record, before in ((kept, merge.kept_before), (gone, merge.gone)):
        if isinstance(record, Lead):
            _keep_contacts(session, record, before, merge.at)
    merge.undone_at, merge.undone_by = clock.now(), by
    session.flush()
    display_names.follow(session, kept)
    display_names.follow(session, gone)
    audit.record(
        session,
        "merge:undo",
        by=by,
        subject_kind=_noun(merge),
        subject_id=merge.kept_id,
        detail=f"merge {merge.id}",
    )


def _merge(session: Session, merge_id: int) -> Merge:
    merge = session.get(Merge, merge_id, populate_existing=True)
    if merge is None:
        raise NotFound("This merge does not exist any more.")
    return merge


def _kept(session: Session, merge: Merge) -> Lead | Patient:
    if merge.undone_at:
        name = session.scalar(sa.select(StaffMember.name).where(StaffMember.id == merge.undone_by))
        raise Refused(f"{name or 'Somebody'} has undone this merge already.")
    number, of_leads = merge.kept_id, merge.kind is MergeKind.LEADS
    kept = session.get(Lead, number) if of_leads else session.get(Patient, number)
    if _later(session, merge):
        raise Refused("One of these records has been merged again since. Undo the later merge first.")
    if kept is None:
        raise Refused("The record that was kept has been deleted since, so this merge cannot be undone.")
    if isinstance(kept, Lead) and kept.patient_id is not None:
        raise Refused(
            "This lead has become a patient since, so the merge cannot be undone. "
            "Correct the patient's record, and link each conversation to the person whose it is."
        )
    return kept


def _later(session: Session, merge: Merge) -> bool:
    """Whether the kept record took part in another merge after this one."""
    of_patients = Merge.kind == MergeKind.PATIENTS
    if merge.kind is MergeKind.LEADS:
        kept_there: sa.ColumnElement[bool] = Merge.kind == MergeKind.LEADS
        gone_there: sa.ColumnElement[bool] = ~of_patients
    else:
        kept_there, gone_there = Merge.kind != MergeKind.LEADS, of_patients
    involved = sa.or_(
        sa.and_(kept_there, Merge.kept_id == merge.kept_id),
        sa.and_(gone_there, Merge.gone_id == merge.kept_id),
    )
    chosen = sa.select(Merge.id).where(Merge.id > merge.id, Merge.undone_at.is_(None), involved)
    return session.scalar(chosen.limit(1)) is not None


def _bring_back(session: Session, merge: Merge) -> Lead | Patient:
    """Under its own id."""
    of_patients = merge.kind is MergeKind.PATIENTS
    kind: type[Lead | Patient] = Patient if of_patients else Lead
    session.execute(sa.insert(kind).values(snapshots.values(kind, merge.gone) | {"changed_at": clock.now()}))
    number = merge.gone_id
    record = session.get_one(Patient, number) if of_patients else session.get_one(Lead, number)
    record_tags.add(session, record, merge.gone[snapshots.TAGS])
    _bring_back_steps(session, merge.gone.get(snapshots.STEPS, []))
    return record


def _bring_back_steps(session: Session, steps: list[dict[str, Any]]) -> None:
    """Under their own ids, by which earlier merges know them; before these were kept free, one may have been taken."""
    ids = sa.select(LeadStageChange.id).where(LeadStageChange.id.in_([step["id"] for step in steps]))
    taken = set(session.scalars(ids))
    for step in steps:
        free = {key: value for key, value in step.items() if key != "id" or value not in taken}
        session.execute(sa.insert(LeadStageChange).values(snapshots.values(LeadStageChange, free)))


def _take_back(session: Session, merge: Merge, kept: Lead | Patient) -> None:
    now = snapshots.columns(kept)
    for columns in _fields(merge.kind, type(kept)):
        if all(now[one] == merge.kept_after[one] for one in columns):
            before: dict[str, Any] = {one: merge.kept_before[one] for one in columns}
            for column, value in snapshots.values(type(kept), before).items():
                setattr(kept, column, value)
    kept.changed_at = clock.now()
    came = set(merge.kept_after[snapshots.TAGS]) - set(merge.kept_before[snapshots.TAGS])
    record_tags.remove(session, kept, came)
    session.flush()


def _keep_contacts(session: Session, lead: Lead, before: dict[str, Any], since: datetime) -> None:
    """As it was, unless somebody has been in touch with whom it is since then."""
    was = snapshots.values(Lead, before)["contacted_at"]
    written, noted = (
        lead_contact.newest_message(session, lead.id, since),
        lead_contact.newest_touch(session, lead.id),
    )
    lead.contacted_at = max(filter(None, (was, written, noted)), default=None)


def _fields(kind: MergeKind, record: type[Lead | Patient]) -> list[tuple[str, ...]]:
    """Columns that are one thing to whoever edits them, and every other column by itself."""
    groups = list(FIELDS[kind].values())
    grouped = {column for group in groups for column in group}
    return [*groups, *((one,) for one in snapshots.fields(record) if one not in grouped)]


def _noun(merge: Merge) -> str:
    return "lead" if merge.kind is MergeKind.LEADS else "patient"
