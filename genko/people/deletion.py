"""A lead or a patient is removed for good; the conversations stay."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db
from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import NotFound
from genko.leads.filters import INDEX
from genko.leads.models import Lead
from genko.messages.models import Identity, Touch
from genko.patients import search
from genko.people import display_names, locks
from genko.people.models import Merge, MergeKind


def delete_lead(session: Session, lead_id: int, *, by: int) -> None:
    """With its tags, touches, stage history and the leads that were merged into it.

    Its conversations stay, under the profile name that the channel shows.
    """
    if not delete_leads(session, [lead_id], by=by):
        raise NotFound("This lead has been deleted already.")


def delete_leads(session: Session, lead_ids: Sequence[int], *, by: int) -> int:
    """The number of deleted leads. Leads that are gone already are skipped."""
    roles.require(session, by, Role.STAFF)
    leads = locks.hold(session, leads=lead_ids).leads
    details = dict.fromkeys([lead.id for lead in leads], "")
    audit.record_all(session, "lead:delete", by=by, subject_kind="lead", details=details)
    remove(session, leads)
    return len(leads)


def delete_patient(session: Session, patient_id: int, *, by: int) -> None:
    """By an administrator, with tags, touches, the leads that became the patient and the records merged into it.

    Its conversations stay, under the profile name that the channel shows. A new message in them makes a new lead.
    """
    roles.require(session, by, Role.ADMIN)
    of_patient = sa.select(Lead).where(Lead.patient_id == patient_id).order_by(Lead.id)
    lead_ids = [lead.id for lead in session.scalars(of_patient)]
    patients = locks.hold(session, leads=lead_ids, patients=[patient_id]).patients
    if not patients:
        raise NotFound("This patient has been deleted already.")
    audit.record(session, "patient:delete", by=by, subject_kind="patient", subject_id=patient_id)
    identities = session.scalars(sa.select(Identity).where(Identity.patient_id == patient_id)).all()
    for identity in identities:  # from the lead at the same time, so that each conversation is renamed once
        identity.patient_id = identity.lead_id = None
    session.flush()
    remove(session, session.scalars(of_patient).all())
    _forget_merges_of_patient(session, patient_id)
    session.execute(sa.delete(Touch).where(Touch.patient_id == patient_id))
    search.INDEX.remove(session, patient_id)
    session.delete(patients[0])
    session.flush()
    display_names.rename(session, identities)


def takes_more_along(session: Session, lead_ids: Sequence[int]) -> bool:
    """Whether another lead was merged into one of these, and would be deleted with it."""
    return bool(_merged_into(session, MergeKind.LEADS, lead_ids))


def remove(session: Session, leads: Sequence[Lead]) -> None:
    """The records, and what merges keep of them. The caller holds the locks."""
    _forget_merges(session, [lead.id for lead in leads])
    for batch in db.in_batches(leads):
        _remove(session, batch)


def _forget_merges(session: Session, lead_ids: Collection[int]) -> None:
    """A merge keeps the data of both records, and of records merged into them before: all of it is deleted."""
    gone = _with_those_before(session, MergeKind.LEADS, lead_ids)
    merge_ids = {merge_id for batch in db.in_batches(gone) for merge_id in session.scalars(_merges_of(batch))}
    for part in db.in_batches(sorted(merge_ids)):
        held = sa.select(Merge.id).where(Merge.id.in_(part)).order_by(Merge.id).with_for_update()
        session.execute(sa.delete(Merge).where(Merge.id.in_(session.scalars(held).all())))


def _forget_merges_of_patient(session: Session, patient_id: int) -> None:
    """Also merges of the patients that went into it before, and of the leads that went into any of them."""
    gone = _with_those_before(session, MergeKind.PATIENTS, [patient_id])
    _forget_merges(session, _merged_into(session, MergeKind.LEAD_INTO_PATIENT, gone))
    as_winner = sa.and_(Merge.kind != MergeKind.LEADS, Merge.winner_id.in_(gone))
    as_loser = sa.and_(Merge.kind == MergeKind.PATIENTS, Merge.loser_id.in_(gone))
    session.execute(sa.delete(Merge).where(sa.or_(as_winner, as_loser)))


def _merges_of(lead_ids: Collection[int]) -> sa.Select[int]:
    as_winner = sa.and_(Merge.kind == MergeKind.LEADS, Merge.winner_id.in_(lead_ids))
    as_loser = sa.and_(Merge.kind != MergeKind.PATIENTS, Merge.loser_id.in_(lead_ids))
    return sa.select(Merge.id).where(sa.or_(as_winner, as_loser))


def _with_those_before(session: Session, kind: MergeKind, ids: Collection[int]) -> set[int]:
    """These records, and all that were merged into them, directly or through another one."""
    gone = more = set(ids)
    while more := _merged_into(session, kind, more) - gone:
        gone |= more
    return gone


def _merged_into(session: Session, kind: MergeKind, ids: Collection[int]) -> set[int]:
    """Ids of the records that such a merge removed and no undo has brought back."""
    chosen = sa.select(Merge.loser_id).where(Merge.kind == kind, Merge.undone_at.is_(None))
    return {
        loser_id
        for batch in db.in_batches(ids)
        for loser_id in session.scalars(chosen.where(Merge.winner_id.in_(batch)))
    }


def _remove(session: Session, leads: Sequence[Lead]) -> None:
    ids = [lead.id for lead in leads]
    identities = session.scalars(sa.select(Identity).where(Identity.lead_id.in_(ids))).all()
    for identity in identities:
        identity.lead_id = None
    session.flush()
    INDEX.remove(session, *ids)
    for lead in leads:
        session.delete(lead)
    session.flush()
    display_names.rename(session, identities)
