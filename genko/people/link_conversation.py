"""Links a conversation to a patient or a lead, accepts the lead of a new sender, or says that the sender is no lead.

A conversation can be linked to somebody else at any time.
"""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import Refused
from genko.leads import lookup, records
from genko.leads.models import Lead
from genko.messages import conversations, lead_contact, roll_up, senders
from genko.messages.models import Conversation, Identity, Touch
from genko.messages.same_person import Owner
from genko.patients import person_fields
from genko.patients import records as patients
from genko.people import deletion, display_names, locks, record_tags


def accept(
    session: Session, conversation_id: int, *, by: int, first_name: str = "", last_name: str = ""
) -> None:
    """The sender is a lead, even if they were 'not a lead' before. A typed name replaces the profile name."""
    identity, before = _hold(session, conversation_id, by)
    _refuse_if_linked_since(identity, before)
    if identity.lead_id is None and identity.patient_id is None:
        _match(session, identity, conversations.get(session, conversation_id).created_at)
        if identity.patient_id is not None:
            return
    if identity.lead_id is None:
        raise Refused("This conversation belongs to no lead any more.")
    lead = lookup.get(session, identity.lead_id)
    first, last = person_fields.clean_names(first_name, last_name)
    named = bool(first or last) and (first, last) != (lead.first_name, lead.last_name)
    if named:
        records.rename(lead, first, last)
    if named or lead.accepted_at is None:
        action = "lead:edit" if lead.accepted_at else "lead:accept"
        audit.record(session, action, by=by, subject_kind="lead", subject_id=lead.id)
    lead.accepted_at = lead.accepted_at or clock.now()
    lead.changed_at = clock.now()
    session.flush()
    display_names.follow(session, lead)


def _match(session: Session, identity: Identity, since: datetime) -> None:
    """As for a first message: there may be a patient with this phone by now."""
    senders.match_people(session, [identity], {identity.external_id: since})
    identity.not_a_lead = False
    session.flush()
    roll_up.rename(session, [identity])


def link_to_patient(
    session: Session, conversation_id: int, patient_id: int, *, by: int, expected: Owner | None = None
) -> None:
    """`expected` is the owner that the staff member saw: refused if somebody else has linked it since."""
    identity, before = _hold(session, conversation_id, by, patients=[patient_id])
    patient = patients.get(session, patient_id)
    if identity.patient_id == patient.id:
        return
    _refuse_if_linked_since(identity, expected or before)
    _give(session, identity, by, patient_id=patient.id, lead_id=None)
    _note(session, conversation_id, by, f"patient {patient.id}")


def link_to_lead(
    session: Session, conversation_id: int, lead_id: int, *, by: int, expected: Owner | None = None
) -> None:
    """To the patient as well, if the lead has become one. `expected` as for a patient."""
    identity, before = _hold(session, conversation_id, by, leads=[lead_id])
    lead = lookup.get(session, lead_id)
    lead.accepted_at = lead.accepted_at or clock.now()
    if identity.lead_id == lead.id:
        return
    _refuse_if_linked_since(identity, expected or before)
    _give(session, identity, by, patient_id=lead.patient_id, lead_id=lead.id)
    lead.changed_at = clock.now()
    _note(session, conversation_id, by, f"lead {lead.id}")


def not_a_lead(session: Session, conversation_id: int, *, by: int) -> None:
    """The sender is a supplier or a wrong number. Staff are not asked again."""
    identity, before = _hold(session, conversation_id, by)
    if identity.not_a_lead:
        return
    if identity.patient_id is not None:
        raise Refused("This conversation belongs to a patient.")
    _refuse_if_linked_since(identity, before)
    if identity.lead_id is not None:
        lead = lookup.get(session, identity.lead_id)
        if lead.accepted_at is not None:
            raise Refused("Somebody has accepted this lead already. Delete it instead.")
        _give(session, identity, by, patient_id=None, lead_id=None)
    identity.not_a_lead = True
    _note(session, conversation_id, by, "not a lead")


def conversation_of_lead(session: Session, lead_id: int) -> int | None:
    """The newest of its conversations."""
    return session.scalar(
        sa.select(Conversation.id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(Identity.lead_id == lead_id)
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(1)
    )


def _hold(
    session: Session,
    conversation_id: int,
    by: int,
    *,
    leads: Collection[int] = (),
    patients: Collection[int] = (),
) -> tuple[Identity, Owner]:
    """The identity, with everybody concerned locked, and the owner that was read before the locks.

    Somebody else may link the conversation between the two. The new owner is not locked then, and must not be changed.
    """
    roles.require(session, by, Role.STAFF)
    identity_id = conversations.get(session, conversation_id).identity_id
    before = _owner(session.get_one(Identity, identity_id))
    former_leads = [before.lead_id] if before.lead_id else []
    locks.hold(session, leads=[*leads, *former_leads], patients=patients, identities=[identity_id])
    return session.get_one(Identity, identity_id, populate_existing=True), before


def _owner(identity: Identity) -> Owner:
    return Owner(identity.patient_id, identity.lead_id)


def _refuse_if_linked_since(identity: Identity, expected: Owner) -> None:
    if expected != _owner(identity):
        raise Refused(
            "Somebody else has changed in the meantime whose conversation this is. Close this and look again."
        )


def _give(
    session: Session, identity: Identity, by: int, *, patient_id: int | None, lead_id: int | None
) -> None:
    former_lead = session.get(Lead, identity.lead_id) if identity.lead_id else None
    identity.patient_id, identity.lead_id, identity.not_a_lead = patient_id, lead_id, False
    session.flush()
    display_names.rename(session, [identity])
    _remove_if_empty(session, former_lead, by, patient_id, lead_id)
    if lead_id:
        lead_contact.recount(
            session, lead_id
        )  # earlier messages of the conversation were contacts with this lead


def _remove_if_empty(
    session: Session, lead: Lead | None, by: int, patient_id: int | None, lead_id: int | None
) -> None:
    """Deletes a lead that had nothing but this conversation."""
    if lead is None or _has_something_of_its_own(session, lead):
        return
    if patient_id or lead_id:
        _take_touches_along(session, lead, patient_id, lead_id)
    elif _has_touches(session, lead):
        return
    why = "linked" if patient_id or lead_id else "not a lead"
    audit.record(session, "lead:delete", by=by, subject_kind="lead", subject_id=lead.id, detail=why)
    deletion.remove(session, [lead])


def _has_something_of_its_own(session: Session, lead: Lead) -> bool:
    """Something that would be lost: notes, tags, another address, or that staff accepted it. Touches move with the conversation."""
    is_ours = lead.accepted_at is not None or lead.notes or record_tags.of(session, lead)
    return bool(is_ours or locks.identities_of_lead(session, lead.id))


def _has_touches(session: Session, lead: Lead) -> bool:
    return session.scalar(sa.select(Touch.id).where(Touch.lead_id == lead.id).limit(1)) is not None


def _take_touches_along(session: Session, lead: Lead, patient_id: int | None, lead_id: int | None) -> None:
    session.execute(
        sa.update(Touch)
        .where(Touch.lead_id == lead.id)
        .values(patient_id=patient_id, lead_id=None if patient_id else lead_id)
    )


def _note(session: Session, conversation_id: int, by: int, to: str) -> None:
    audit.record(
        session,
        "conversation:link",
        by=by,
        subject_kind="conversation",
        subject_id=conversation_id,
        detail=to,
    )
