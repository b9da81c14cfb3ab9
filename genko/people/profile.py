"""A patient's profile: everything that is known of one person, on all channels."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.access import audit, roles
from genko.access.models import Role, StaffMember
from genko.channels import registry
from genko.channels.models import ChannelAccount
from genko.leads import pipeline
from genko.leads.models import Lead, LeadSource, LeadStage
from genko.leads.pipeline import Step
from genko.messages import touches
from genko.messages.models import Conversation, ConversationStatus, Identity
from genko.messages.touches import TouchShown, Whose
from genko.patients import records
from genko.patients.records import PatientRecord
from genko.people.models import Merge, MergeKind


@dataclass(frozen=True)
class Address:
    """An address from which a patient writes, and its conversation."""

    profile_name: str
    phone: str | None
    channel_label: str
    account: str
    colour: str
    conversation_id: int | None
    status: ConversationStatus | None
    last_message_at: datetime | None
    preview: str


@dataclass(frozen=True)
class FormerLead:
    id: int
    name: str
    source: LeadSource
    stage: LeadStage
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class MergeShown:
    id: int
    kind: MergeKind
    loser_name: str
    at: datetime
    by_name: str
    undone_at: datetime | None


@dataclass(frozen=True)
class Profile:
    patient: PatientRecord
    addresses: list[Address]
    touches: list[TouchShown]
    leads: list[FormerLead]
    merges: list[MergeShown]


def open_profile(session: Session, patient_id: int, *, by: int) -> None:
    """Writes the look into the audit."""
    roles.require(session, by, Role.VIEWER)
    records.get_patient(session, patient_id)
    audit.record(session, "view", by=by, subject_kind="patient", subject_id=patient_id)


def read_profile(session: Session, patient_id: int) -> Profile:
    return Profile(
        records.get_patient(session, patient_id),
        _addresses(session, patient_id),
        touches.find_touches_of(session, Whose(patient_id=patient_id)),
        _leads(session, patient_id),
        find_merges(session, patient_id=patient_id),
    )


def find_merges(
    session: Session, *, patient_id: int | None = None, lead_id: int | None = None
) -> list[MergeShown]:
    """The records that were merged into this one, newest first."""
    of_leads = Merge.kind == MergeKind.LEADS
    rows = session.execute(
        sa.select(Merge, StaffMember.name)
        .join(StaffMember, StaffMember.id == Merge.staff_id)
        .where(~of_leads if patient_id else of_leads, Merge.winner_id == (patient_id or lead_id))
        .order_by(Merge.id.desc())
    )
    return [
        MergeShown(merge.id, merge.kind, _name(merge), merge.at, by_name, merge.undone_at)
        for merge, by_name in rows
    ]


def _name(merge: Merge) -> str:
    return f"{merge.loser['first_name']} {merge.loser['last_name']}".strip()


def _addresses(session: Session, patient_id: int) -> list[Address]:
    rows = session.execute(
        sa.select(Identity, ChannelAccount, Conversation)
        .join(ChannelAccount, ChannelAccount.id == Identity.account_id)
        .outerjoin(Conversation, Conversation.identity_id == Identity.id)
        .where(Identity.patient_id == patient_id)
        .order_by(Conversation.last_message_at.desc(), Identity.id)
    )
    return [_address(*row) for row in rows]


def _address(identity: Identity, account: ChannelAccount, conversation: Conversation | None) -> Address:
    return Address(
        profile_name=identity.profile_name,
        phone=identity.phone,
        channel_label=registry.kind(account.channel).label,
        account=account.label,
        colour=account.colour,
        conversation_id=conversation.id if conversation else None,
        status=conversation.status if conversation else None,
        last_message_at=conversation.last_message_at if conversation else None,
        preview=conversation.preview if conversation else "",
    )


def _leads(session: Session, patient_id: int) -> list[FormerLead]:
    leads = session.scalars(sa.select(Lead).where(Lead.patient_id == patient_id).order_by(Lead.id)).all()
    return [
        FormerLead(lead.id, lead.name, lead.source, lead.stage, tuple(pipeline.find_steps(session, lead.id)))
        for lead in leads
    ]
