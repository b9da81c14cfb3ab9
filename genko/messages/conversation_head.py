"""The head of an open conversation: with whom it is, from which account, and whether something can be sent."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import phone
from genko.channels import registry
from genko.channels.models import ChannelAccount
from genko.errors import NotFound
from genko.leads.models import Lead, LeadStage
from genko.messages import unread
from genko.messages.models import Conversation, ConversationStatus, Identity, Priority
from genko.messages.outbox import why_blocked
from genko.messages.reply_window import window
from genko.patients.models import Patient


@dataclass(frozen=True)
class ConversationHead:
    id: int
    name: str
    first_name: str
    phone: str
    patient_id: int | None
    lead_id: int | None
    lead_stage: LeadStage | None
    new_sender: bool  # made from an inbound message, and nobody has said yet whether it is a lead
    channel: str
    channel_label: str
    account: str
    status: ConversationStatus
    priority: Priority
    ai_enabled: bool
    assignee_id: int | None
    inbound_count: int
    unread: int
    window_closes_at: datetime | None
    blocked: str | None
    text_limit: int


# One query in place of six: each would cost a round trip to the database.
_HEAD = (
    sa.select(Conversation, Identity, ChannelAccount, Lead, Patient, unread.COUNT)
    .join(Identity, Identity.id == Conversation.identity_id)
    .join(ChannelAccount, ChannelAccount.id == Conversation.account_id)
    .outerjoin(Lead, Lead.id == Identity.lead_id)
    .outerjoin(Patient, Patient.id == Identity.patient_id)
    .where(Conversation.id == sa.bindparam("id"))
)


def get_head(
    session: Session, conversation_id: int, *, by: int, at: datetime, region: str
) -> ConversationHead:
    row = session.execute(_HEAD, {"id": conversation_id, "by": by}).one_or_none()
    if row is None:
        raise NotFound("This conversation does not exist.")
    conversation, identity, account, lead, patient, unread_count = row
    channel = registry.kind(account.channel)
    return ConversationHead(
        id=conversation.id,
        name=conversation.name,
        first_name=_first_name(identity, lead, patient),
        phone=phone.shown(identity.phone, region) if identity.phone else "",
        patient_id=identity.patient_id,
        lead_id=identity.lead_id,
        lead_stage=lead.stage if lead else None,
        new_sender=bool(lead and lead.accepted_at is None and not identity.patient_id),
        channel=account.channel,
        channel_label=channel.label,
        account=account.label,
        status=conversation.status,
        priority=conversation.priority,
        ai_enabled=conversation.ai_enabled,
        assignee_id=conversation.assignee_id,
        inbound_count=conversation.inbound_count,
        unread=max(0, unread_count),
        window_closes_at=window(account.channel, conversation.last_inbound_at).closes_at,
        blocked=why_blocked(session, conversation, at),
        text_limit=channel.text_limit.count,
    )


def _first_name(identity: Identity, lead: Lead | None, patient: Patient | None) -> str:
    """Empty when nobody knows it. A phone number is no name to greet somebody by."""
    known = patient.first_name if patient else lead.first_name if lead else ""
    return known or identity.profile_name.partition(" ")[0]
