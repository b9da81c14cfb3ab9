"""A lead is removed for good; its conversations stay."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db
from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import NotFound
from genko.leads.filters import INDEX
from genko.leads.models import Lead
from genko.messages.models import Identity
from genko.people import holding, names
from genko.people.models import Merge, MergeKind


def delete_lead(session: Session, lead_id: int, *, by: int) -> None:
    """With its tags, touches, stage history and what was merged into it.

    Its conversations go on under the name that the channel shows.
    """
    roles.require(session, by, Role.STAFF)
    holding.hold(session, leads=[lead_id])
    lead = session.get(Lead, lead_id)
    if lead is None:
        raise NotFound("This lead has been deleted already.")
    remove(session, [lead])
    audit.record(session, "lead:delete", by=by, subject_kind="lead", subject_id=lead_id)


def delete_leads(session: Session, lead_ids: Sequence[int], *, by: int) -> int:
    """The number that was deleted; those that are gone already are no obstacle."""
    roles.require(session, by, Role.STAFF)
    holding.hold(session, leads=lead_ids)
    found = [lead for number in sorted(set(lead_ids)) if (lead := session.get(Lead, number))]
    details = dict.fromkeys([lead.id for lead in found], "")
    audit.record_all(session, "lead:delete", by=by, subject_kind="lead", details=details)
    remove(session, found)
    return len(found)


def takes_more_along(session: Session, lead_ids: Sequence[int]) -> bool:
    """Whether another lead went into one of these, and would be gone with it."""
    return bool(_merged_into(session, lead_ids))


def remove(session: Session, leads: Sequence[Lead]) -> None:
    """The records themselves, and what is kept of them elsewhere; the caller holds them."""
    _forget_merges(session, [lead.id for lead in leads])
    for part in db.parts(leads):
        _remove(session, part)


def _forget_merges(session: Session, lead_ids: Sequence[int]) -> None:
    """What a merge keeps so that it can be undone names both people, and those who went into them before."""
    gone = set(lead_ids)
    while more := set(_merged_into(session, gone)) - gone:
        gone |= more
    theirs = sa.or_(
        sa.and_(Merge.kind == MergeKind.LEADS, Merge.kept_id.in_(gone)),
        sa.and_(Merge.kind != MergeKind.PATIENTS, Merge.gone_id.in_(gone)),
    )
    held = session.scalars(sa.select(Merge.id).where(theirs).order_by(Merge.id).with_for_update()).all()
    session.execute(sa.delete(Merge).where(Merge.id.in_(held)))


def _merged_into(session: Session, lead_ids: Collection[int]) -> Sequence[int]:
    """Those who are gone for as long as the merge is not undone."""
    chosen = sa.select(Merge.gone_id).where(
        Merge.kind == MergeKind.LEADS, Merge.kept_id.in_(lead_ids), Merge.undone_at.is_(None)
    )
    return session.scalars(chosen).all()


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
    names.rename(session, identities)
