"""New conversation: with a patient, with a lead, or with contact details that somebody typed."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db
from genko.access import audit, roles
from genko.access.models import Role
from genko.channels import registry
from genko.channels.capabilities import WritesToPhones
from genko.channels.models import ChannelAccount, Health
from genko.errors import GenkoError, NotFound, Refused
from genko.leads.models import Lead, LeadSource
from genko.leads.records import add_lead
from genko.messages import conversations, roll_up, same_person
from genko.messages.models import Conversation, ConversationStatus, Identity, Priority
from genko.patients.models import Patient


@dataclass(frozen=True)
class Contact:
    """Whom to talk to: a patient, or a lead, or somebody new by phone. `phone_number` is E.164."""

    patient_id: int | None = None
    lead_id: int | None = None
    phone_number: str = ""
    first_name: str = ""
    last_name: str = ""


def start(
    session: Session, account_id: int, contact: Contact, *, by: int, priority: Priority, ai_enabled: bool
) -> int:
    """The conversation's id. One that exists is reopened as it is, never made twice.

    `priority` and `ai_enabled` are for a new one: what staff have set in an old one stays.
    """
    roles.require(session, by, Role.STAFF)
    account = session.get(ChannelAccount, account_id)
    if account is None or account.removed_at:
        raise Refused("This account is no longer connected. Choose another one.")
    if account.health is Health.UNVERIFIED:
        raise Refused("This account is not verified yet, so nothing can be sent from it. Choose another one.")
    _refuse_another_name(session, account_id, contact)
    identity = _identity(session, account, contact, by)
    conversation = session.scalar(sa.select(Conversation).where(Conversation.identity_id == identity.id))
    if conversation is None:
        made = roll_up.create(session, [identity], {identity.id: clock.now()})
        conversation = conversations.get(session, made[identity.id])
        conversation.priority, conversation.ai_enabled = priority, ai_enabled
        roll_up.attend(conversation)
    elif conversations.lock(session, conversation.id).status is ConversationStatus.RESOLVED:
        roll_up.move(session, conversation, ConversationStatus.ACTIVE)
    audit.record(
        session, "conversation:start", by=by, subject_kind="conversation", subject_id=conversation.id
    )
    return conversation.id


def find_owner(session: Session, account_id: int, phone: str) -> str | None:
    """The name under which we already know this E.164 phone number; None when it is new to us."""
    if known := same_person.find_identity(session, account_id, phone):
        talks = sa.select(Conversation.name).where(Conversation.identity_id == known.id)
        if name := session.scalar(talks):
            return name
    return same_person.first_name_on_record(session, phone)


@dataclass(frozen=True)
class Talk:
    """A conversation that somebody has with one of our accounts already."""

    conversation_id: int
    account_id: int
    by_phone: bool  # of the number on record, which is the one that `start` opens


def find_talks(session: Session, contact: Contact) -> list[Talk]:
    """This person's conversations with the accounts that are connected, the newest first."""
    of_person = _of_record(contact)
    by_phone: sa.ColumnElement[bool] = sa.false()
    try:
        by_phone = same_person.has_phone(_phone_of(session, contact))
        of_person.append(by_phone)
    except GenkoError:  # the person has no phone or is gone: `start` says so when staff try it
        if not of_person:
            return []
    rows = session.execute(
        sa.select(Conversation.id, Conversation.account_id, by_phone)
        .join(Identity, Identity.id == Conversation.identity_id)
        .join(ChannelAccount, ChannelAccount.id == Conversation.account_id)
        .where(sa.or_(*of_person), ChannelAccount.removed_at.is_(None))
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
    )
    return [Talk(conversation_id, account_id, bool(same)) for conversation_id, account_id, same in rows]


def _of_record(contact: Contact) -> list[sa.ColumnElement[bool]]:
    """Conditions for the identities of the patient or lead that staff chose."""
    conditions: list[sa.ColumnElement[bool]] = []
    if contact.patient_id:
        conditions.append(Identity.patient_id == contact.patient_id)
    if contact.lead_id:
        conditions.append(Identity.lead_id == contact.lead_id)
    return conditions


def _refuse_another_name(session: Session, account_id: int, contact: Contact) -> None:
    """A name is typed for somebody new; of somebody known it would be dropped unseen."""
    named = contact.first_name.strip() or contact.last_name.strip()
    if named and contact.phone_number and find_owner(session, account_id, contact.phone_number) is not None:
        raise Refused("This number belongs to somebody who is here already. Look whose it is.")


def _identity(session: Session, account: ChannelAccount, contact: Contact, by: int) -> Identity:
    kind = registry.kind(account.channel)
    if not issubclass(kind, WritesToPhones):
        return _known_identity(session, account, contact)
    phone = _phone_of(session, contact)
    if account.external_id in {kind.person_id(variant) for variant in kind.phone_variants(phone)}:
        raise Refused(f"This is the number of {account.label} itself. Nobody can be written to there.")
    if known := same_person.find_identity(session, account.id, phone):
        _take(session, known, contact)
        return known
    row = {
        "account_id": account.id,
        "external_id": kind.person_id(phone),
        "phone": phone,
        "profile_name": "",
    }
    # Their own first message may be coming in right now: whoever is second uses the first one's row.
    made = db.insert(session, Identity).values(**row).on_conflict_do_nothing().returning(Identity.id)
    is_new = session.execute(made).first() is not None
    identity = session.scalars(
        sa.select(Identity).where(
            Identity.account_id == account.id, Identity.external_id == row["external_id"]
        )
    ).one()
    if is_new:
        patient_id, lead_id = contact.patient_id, contact.lead_id
        if patient_id is None and lead_id is None:
            patient_id, lead_id = _match_or_add(session, account, contact, phone, by)
        identity.patient_id, identity.lead_id = _owner(session, patient_id, lead_id)
        session.flush()
    else:
        _take(session, identity, contact)
    return identity


def _known_identity(session: Session, account: ChannelAccount, contact: Contact) -> Identity:
    """The address from which this person wrote to us. On a channel without phones nobody else can be written to."""
    of_person = _of_record(contact) or [sa.false()]
    known = session.scalar(
        sa.select(Identity)
        .where(Identity.account_id == account.id, sa.or_(*of_person))
        .order_by(Identity.id.desc())
        .limit(1)
    )
    if known is None:
        policy = registry.kind(account.channel).policy
        raise Refused(f"This person has not written to {account.label} yet. {policy.why_not_first}".strip())
    return known


def _take(session: Session, identity: Identity, contact: Contact) -> None:
    """An address of nobody becomes that of the person who was chosen; somebody's stays theirs."""
    if contact.patient_id is None and contact.lead_id is None:
        return
    held = sa.select(Conversation.id).where(Conversation.identity_id == identity.id).with_for_update()
    session.execute(held)
    session.refresh(identity)
    if identity.patient_id is None and identity.lead_id is None:
        identity.patient_id, identity.lead_id = _owner(session, contact.patient_id, contact.lead_id)
        identity.not_a_lead = False
        session.flush()
        roll_up.rename(session, [identity])


def _owner(session: Session, patient_id: int | None, lead_id: int | None) -> tuple[int | None, int | None]:
    """A converted lead's address is its patient's. Nobody converts, merges or deletes them from here on.

    The lead is kept first: see `people.locks` for the order.
    """
    if lead_id:
        patient_id = _kept(session, sa.select(Lead.patient_id).where(Lead.id == lead_id))
    if patient_id:
        _kept(session, sa.select(Patient.id).where(Patient.id == patient_id))
    return patient_id, lead_id


def _kept(session: Session, chosen: sa.Select[Any]) -> int | None:
    row = session.execute(chosen.with_for_update(read=True, key_share=True)).one_or_none()
    if row is None:
        raise NotFound("This person's record has just been merged or deleted. Choose again.")
    number: int | None = row[0]
    return number


def _phone_of(session: Session, contact: Contact) -> str:
    person: Patient | Lead | None = None
    if contact.patient_id:
        person = session.get(Patient, contact.patient_id)
    elif contact.lead_id:
        person = session.get(Lead, contact.lead_id)
    elif contact.phone_number:
        return contact.phone_number
    if person is None:
        raise NotFound("Choose a patient or a lead, or type a phone number.")
    if not person.phone:
        raise Refused("This person has no phone number on record. Add one first.")
    return person.phone


def _match_or_add(
    session: Session, account: ChannelAccount, contact: Contact, phone: str, by: int
) -> tuple[int | None, int | None]:
    owner = same_person.hold_owners(session, [phone])[phone]
    if owner.is_known:
        return owner.patient_id, owner.lead_id
    source = LeadSource(registry.kind(account.channel).lead_source)
    return None, add_lead(
        session,
        by=by,
        first_name=contact.first_name,
        last_name=contact.last_name,
        phone_number=phone,
        source=source,
    )
