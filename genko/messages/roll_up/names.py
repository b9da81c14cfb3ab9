"""The name that a conversation shows, in the list and in the search."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, phone, text
from genko.access.clinic import get_clinic
from genko.leads.models import Lead
from genko.messages import search
from genko.messages.models import Conversation, Identity
from genko.patients.models import Patient


class ShownName(NamedTuple):
    conversation: Conversation
    name: str
    phone: str | None


def rename(session: Session, identities: Sequence[Identity]) -> None:
    """After a change of these people's names or phones.

    Conversations are updated in the order of their ids, so that two renamings wait for each other and never deadlock.
    """
    if not identities:
        return
    by_id = {identity.id: identity for identity in identities}
    chosen = sa.select(Conversation).where(Conversation.identity_id.in_(by_id)).order_by(Conversation.id)
    conversations = session.scalars(chosen).all()
    names = find_names(session, identities) if conversations else {}
    show_names(
        session,
        [
            ShownName(conversation, names[conversation.identity_id], by_id[conversation.identity_id].phone)
            for conversation in conversations
        ],
    )


def show_names(session: Session, shown: Sequence[ShownName]) -> None:
    for conversation, name, _ in shown:
        conversation.name, conversation.changed_at = name, clock.now()
    session.flush()
    search.reindex_conversations(
        session, [(conversation.id, name, phone) for conversation, name, phone in shown]
    )


def find_names(session: Session, identities: Sequence[Identity]) -> dict[int, str]:
    """By the identity's id: the patient's name, else the lead's, else the profile name, else the address."""
    patients = _full_names(session, Patient, [identity.patient_id for identity in identities])
    leads = _full_names(
        session, Lead, [identity.lead_id for identity in identities if not identity.patient_id]
    )
    region = get_clinic(session).region
    names = {}
    for identity in identities:
        recorded = patients.get(identity.patient_id) if identity.patient_id else leads.get(identity.lead_id)
        address = phone.shown(identity.phone, region) if identity.phone else identity.external_id
        names[identity.id] = recorded or identity.profile_name or address
    return names


def _full_names(
    session: Session, kind: type[Patient | Lead], record_ids: Sequence[int | None]
) -> dict[int | None, str]:
    ids = set(filter(None, record_ids))
    if not ids:
        return {}
    rows = session.execute(sa.select(kind.id, kind.first_name, kind.last_name).where(kind.id.in_(ids)))
    return {record_id: text.full_name(first, last) for record_id, first, last in rows}
