"""When we were last in contact with a lead: by a message that ends a wait, or by a touch."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db
from genko.leads.models import Lead
from genko.messages import waiting
from genko.messages.models import Conversation, Identity, Message, Touch


def lead_contacted(session: Session, lead_id: int, at: datetime) -> None:
    """The time never goes back: a touch that is noted late may be older than a message."""
    _contacted(session, Lead.id == lead_id, sa.literal(at, Lead.contacted_at.type))


def written_to(session: Session, conversation_id: int, at: datetime) -> None:
    """A contact with the lead of this conversation, if it has one."""
    lead_id = (
        sa.select(Identity.lead_id)
        .join(Conversation, Conversation.identity_id == Identity.id)
        .where(Conversation.id == conversation_id)
    )
    _contacted(session, Lead.id.in_(lead_id), sa.literal(at, Lead.contacted_at.type))


def written_elsewhere(session: Session, message_ids: Sequence[int]) -> None:
    """Contacts by replies that were written in another tool, in any number of conversations."""
    if not message_ids:
        return
    written = (
        sa.select(Identity.lead_id, sa.func.max(Message.at).label("at"))
        .join(Conversation, Conversation.identity_id == Identity.id)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(Message.id.in_(message_ids), Identity.lead_id.is_not(None))
        .group_by(Identity.lead_id)
        .subquery()
    )
    at = sa.select(written.c.at).where(written.c.lead_id == Lead.id).scalar_subquery()
    _contacted(session, Lead.id.in_(sa.select(written.c.lead_id)), at)


def recount(session: Session, lead_id: int, *, but: datetime | None = None) -> None:
    """From the stored messages and touches: a message that failed is no contact. A later stored time stays.

    `but` is the time of a message that turned out to be no contact. Nothing happens unless that time is stored.
    """
    lead = db.locked(session, Lead, lead_id)
    if lead is None or (but is not None and lead.contacted_at != but):
        return
    known = None if lead.contacted_at == but else lead.contacted_at
    contacts = (known, newest_message(session, lead_id), newest_touch(session, lead_id))
    lead.contacted_at = max(filter(None, contacts), default=None)
    lead.changed_at = clock.now()
    session.flush()


def newest_message(session: Session, lead_id: int, since: datetime | None = None) -> datetime | None:
    """When we last wrote to this lead, in any conversation. `since`: only messages that arrived from then on."""
    written = (
        sa.select(sa.func.max(_CONTACT_AT))
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(Identity.lead_id == lead_id, waiting.ENDS_A_WAIT)
    )
    newest: datetime | None = session.scalar(written.where(Message.arrived_at >= since) if since else written)
    return newest


_CONTACT_AT = sa.case((waiting.SENT_FROM_HERE, Message.arrived_at), else_=Message.at)


def counted_at(message: Message) -> datetime:
    """A message from here counts when it was queued, one from another tool by the provider's time."""
    return message.arrived_at if waiting.is_sent_from_here(message.author) else message.at


def newest_touch(session: Session, lead_id: int) -> datetime | None:
    return session.scalar(sa.select(sa.func.max(Touch.at)).where(Touch.lead_id == lead_id))


def _contacted(
    session: Session,
    of_leads: sa.ColumnElement[bool],
    at: sa.ColumnElement[datetime] | sa.ScalarSelect[datetime],
) -> None:
    session.execute(
        sa.update(Lead)
        .where(of_leads)
        .values(
            contacted_at=sa.case((Lead.contacted_at > at, Lead.contacted_at), else_=at),
            changed_at=clock.now(),
        )
        .execution_options(synchronize_session=False)
    )
