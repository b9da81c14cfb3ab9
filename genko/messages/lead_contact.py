"""What it means that a person of ours wrote, rang or replied: a lead is in touch with us, a wait has ended."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db
from genko.leads.models import Lead
from genko.messages import waiting
from genko.messages.models import Conversation, Identity, Message, Touch


def lead_contacted(session: Session, lead_id: int, at: datetime) -> None:
    """Never goes back: a touch that is noted late may be older than a message."""
    _contacted(session, Lead.id == lead_id, sa.literal(at, Lead.contacted_at.type))


def written_to(session: Session, conversation_id: int, at: datetime) -> None:
    """The lead that a conversation is with, if it is with one."""
    theirs = (
        sa.select(Identity.lead_id)
        .join(Conversation, Conversation.identity_id == Identity.id)
        .where(Conversation.id == conversation_id)
    )
    _contacted(session, Lead.id.in_(theirs), sa.literal(at, Lead.contacted_at.type))


def written_elsewhere(session: Session, message_ids: Sequence[int]) -> None:
    """Replies that came in from outside, of any number of conversations."""
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
    """By what has been written and noted: messages that failed are no contact. A later time that was kept stays.

    With `but`, the time of a message that was no contact after all, nothing happens unless that time was kept.
    """
    lead = db.locked(session, Lead, lead_id)
    if lead is None or (but is not None and lead.contacted_at != but):
        return
    known = None if lead.contacted_at == but else lead.contacted_at
    found = (known, newest_message(session, lead_id), newest_touch(session, lead_id))
    lead.contacted_at = max(filter(None, found), default=None)
    lead.changed_at = clock.now()
    session.flush()


def newest_message(session: Session, lead_id: int, since: datetime | None = None) -> datetime | None:
    """When we last wrote to this lead, in whichever conversation. With `since`: what reached us from then on."""
    written = (
        sa.select(sa.func.max(_COUNTED_AT))
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(
            Identity.lead_id == lead_id,
            waiting.ENDS_A_WAIT,
        )
    )
    newest: datetime | None = session.scalar(written.where(Message.arrived_at >= since) if since else written)
    return newest


_COUNTED_AT = sa.case((waiting.SENT_FROM_HERE, Message.arrived_at), else_=Message.at)


def counted_at(message: Message) -> datetime:
    """When a message of ours was a contact: one from here when it was queued, one written elsewhere by the provider's time."""
    return message.arrived_at if waiting.is_sent_from_here(message.author) else message.at


def newest_touch(session: Session, lead_id: int) -> datetime | None:
    return session.scalar(sa.select(sa.func.max(Touch.at)).where(Touch.lead_id == lead_id))


def _contacted(
    session: Session,
    whose: sa.ColumnElement[bool],
    at: sa.ColumnElement[datetime] | sa.ScalarSelect[datetime],
) -> None:
    session.execute(
        sa.update(Lead)
        .where(whose)
        .values(
            contacted_at=sa.case((Lead.contacted_at > at, Lead.contacted_at), else_=at),
            changed_at=clock.now(),
        )
        .execution_options(synchronize_session=False)
    )
