"""Who wrote: the conversation of each sender, made where somebody is new, and the person whom an address belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db
from genko.channels import registry
from genko.channels.channel import Channel
from genko.channels.events import Inbound
from genko.channels.models import ChannelAccount
from genko.leads import records
from genko.leads.models import Lead, LeadSource
from genko.leads.records import LeadFields, NewLead
from genko.messages import roll_up, same_person
from genko.messages.models import Conversation, Identity
from genko.messages.roll_up import StoredEvent


@dataclass(frozen=True)
class Sender:
    """Somebody who has a conversation with us."""

    profile_name: str
    is_nobody: bool  # belongs to no record, and staff have not said that it need not
    conversation: Conversation


def hold_conversations(session: Session, account_id: int, events: Sequence[Inbound]) -> dict[str, Sender]:
    """Conversations by the person's external id, made where somebody is new, and held until the transaction ends.

    Locks are taken in one order (conversations, people, then the tallies that a new conversation changes), so that
    two workers with overlapping pages wait for each other and never block each other.
    """
    first = {event.person: event for event in reversed(events)}
    known = _hold(session, account_id, list(first))
    unknown = sorted(set(first) - set(known))
    if unknown:
        _take_over_prepared(session, account_id, [first[person] for person in unknown])
        identities = _identities(session, account_id, [first[person] for person in unknown])
        known |= _hold(session, account_id, unknown)
        _start(session, [identity for identity in identities if identity.external_id not in known], first)
        known |= _hold(session, account_id, [person for person in unknown if person not in known])
    names = {event.person: event.profile_name for event in events if event.profile_name}
    for person, name in names.items():
        _learn_name(session, known[person], name)
    return known


_NOBODY = sa.and_(Identity.patient_id.is_(None), Identity.lead_id.is_(None), ~Identity.not_a_lead)


def _hold(session: Session, account_id: int, people: Sequence[str]) -> dict[str, Sender]:
    if not people:
        return {}
    rows = session.execute(_HELD, {"account": account_id, "people": people})
    return {person: Sender(name, nobody, conversation) for person, name, nobody, conversation in rows}


_HELD = (
    sa.select(Identity.external_id, Identity.profile_name, _NOBODY, Conversation)
    .join(Conversation, Conversation.identity_id == Identity.id)
    .where(
        Identity.account_id == sa.bindparam("account"),
        Identity.external_id.in_(sa.bindparam("people", expanding=True)),
    )
    .order_by(Conversation.id)
    .with_for_update(of=Conversation)
    .execution_options(populate_existing=True)
)


def _take_over_prepared(session: Session, account_id: int, firsts: Sequence[Inbound]) -> None:
    """Staff may have prepared a conversation under another spelling of the phone number than the channel's own."""
    kind = _kind_of(session, account_id)
    for event in firsts:
        phone = kind.phone_of(event.person)
        prepared = same_person.find_identity(session, account_id, phone, prepared=True) if phone else None
        if prepared:
            prepared.external_id, prepared.phone = event.person, phone
            roll_up.rename(session, [prepared])


def _identities(session: Session, account_id: int, firsts: Sequence[Inbound]) -> Sequence[Identity]:
    """The addresses of people who write for the first time, in the order of their external ids."""
    kind = _kind_of(session, account_id)
    rows = [
        {
            "account_id": account_id,
            "external_id": event.person,
            "profile_name": event.profile_name,
            "phone": kind.phone_of(event.person),
        }
        for event in firsts
    ]
    # Another worker may be storing the same person's first message: the second worker uses the first one's row.
    db.insert_all(session, Identity, rows, once=("account_id", "external_id"))
    people = [event.person for event in firsts]
    return session.scalars(
        sa.select(Identity)
        .where(Identity.account_id == account_id, Identity.external_id.in_(people))
        .order_by(Identity.external_id)
        .with_for_update()
    ).all()


def _start(session: Session, identities: Sequence[Identity], first: dict[str, Inbound]) -> None:
    """Begins conversations with people who write for the first time."""
    strangers = [
        identity for identity in identities if identity.patient_id is None and identity.lead_id is None
    ]
    match_people(session, strangers, {person: event.at for person, event in first.items()})
    roll_up.create(
        session, identities, {identity.id: first[identity.external_id].at for identity in identities}
    )


def match_people(session: Session, identities: Sequence[Identity], since: Mapping[str, datetime]) -> None:
    """Gives each address to the person of its phone, else to a new lead, who is known `since` then (by external id)."""
    owners = same_person.hold_owners(session, [identity.phone for identity in identities])
    unknown = []
    for identity in identities:
        owner = owners[identity.phone]
        identity.patient_id, identity.lead_id = owner.patient_id, owner.lead_id
        if not owner.is_known:
            unknown.append(identity)
    _add_leads(session, unknown, since)


def _kind_of(session: Session, account_id: int) -> type[Channel]:
    return registry.kind(session.get_one(ChannelAccount, account_id).channel)


def match_again(session: Session, known: dict[str, Sender], stored: Sequence[StoredEvent]) -> None:
    """The address of a deleted lead belongs to nobody. When its person writes again, it is matched anew, unless staff
    said that it is no lead.
    """
    wrote_at = {new.event.person: new.event.at for new in reversed(stored) if not new.event.outbound}
    identity_ids = sorted(
        known[person].conversation.identity_id for person in wrote_at if known[person].is_nobody
    )
    if not identity_ids:
        return
    strangers = [session.get_one(Identity, identity_id) for identity_id in identity_ids]
    match_people(session, strangers, wrote_at)
    roll_up.rename(session, strangers)


def _add_leads(session: Session, identities: Sequence[Identity], since: Mapping[str, datetime]) -> None:
    if not identities:
        return
    source = LeadSource(_kind_of(session, identities[0].account_id).lead_source)
    groups = same_person.group_by_phone(identities)
    new_leads = [
        NewLead(
            LeadFields(group[0].profile_name, phone_number=group[0].phone or "", source=source),
            since[group[0].external_id],
            by_itself=True,
        )
        for group in groups
    ]
    for group, lead_id in zip(groups, records.store(session, new_leads), strict=True):
        for identity in group:
            identity.lead_id = lead_id


def _learn_name(session: Session, known: Sender, name: str) -> None:
    """A profile name replaces a placeholder, never a name that staff typed."""
    if known.profile_name == name:
        return
    identity = session.get_one(Identity, known.conversation.identity_id)
    identity.profile_name = name
    lead = session.get(Lead, identity.lead_id) if identity.lead_id else None
    if lead and not lead.name_typed:
        lead.first_name, lead.last_name = name, ""
        lead.changed_at = clock.now()
        records.reindex(session, lead)
        addresses = sa.select(Identity).where(Identity.lead_id == lead.id).order_by(Identity.id)
        roll_up.rename(session, session.scalars(addresses).all())
        return
    roll_up.rename(session, [identity])
