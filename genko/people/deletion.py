"""A lead is removed for good; its conversations stay."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import NotFound
from genko.leads.filters import INDEX
from genko.leads.models import Lead
from genko.people import holding, names


def delete_lead(session: Session, lead_id: int, *, by: int) -> None:
    """With its tags, touches and stage history. Its conversations go on under the name that the channel shows."""
    roles.require(session, by, Role.STAFF)
    holding.hold(session, leads=[lead_id])
    lead = session.get(Lead, lead_id)
    if lead is None:
        raise NotFound("This lead has been deleted already.")
    remove(session, lead)
    audit.record(session, "lead:delete", by=by, subject_kind="lead", subject_id=lead_id)


def delete_leads(session: Session, lead_ids: Sequence[int], *, by: int) -> int:
    """The number that was deleted; those that are gone already are no obstacle."""
    roles.require(session, by, Role.STAFF)
    holding.hold(session, leads=lead_ids)
    found = [lead for number in sorted(set(lead_ids)) if (lead := session.get(Lead, number))]
    for lead in found:
        audit.record(session, "lead:delete", by=by, subject_kind="lead", subject_id=lead.id)
        remove(session, lead)
    return len(found)


def remove(session: Session, lead: Lead) -> None:
    """The record itself; the caller holds it."""
    identities = holding.identities_of_lead(session, lead.id)
    for identity in identities:
        identity.lead_id = None
    session.flush()
    INDEX.remove(session, lead.id)
    session.delete(lead)
    session.flush()
    names.rename(session, identities)
