"""Queued messages that can no longer be sent: they fail, visibly, instead of waiting for ever."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.channels import registry
from genko.channels.base import Delivery
from genko.channels.models import ChannelAccount
from genko.messages import conversations, delivery_state
from genko.messages.claims import by_conversation
from genko.messages.models import Conversation, Message
from genko.messages.outbox import why_forbidden


def fail_overdue(session: Session) -> int:
    """Messages that wait for their account to be repaired fail when the reply window closes."""
    now = clock.now()
    windows = [
        sa.and_(ChannelAccount.channel == key, Conversation.last_inbound_at <= closed)
        for key, kind in registry.CHANNELS.items()
        if (closed := kind.policy.closed_if_last_wrote_by(now))
    ]
    overdue = session.scalars(
        sa.select(Message)
        .join(ChannelAccount, ChannelAccount.id == Message.account_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.delivery == Delivery.QUEUED, sa.or_(sa.false(), *windows))
        .order_by(Conversation.id, Message.id)
        .with_for_update(of=Message, skip_locked=True)
    ).all()
    for message in overdue:
        conversation = conversations.lock(
            session, message.conversation_id
        )  # the person may have just written again
        if reason := why_forbidden(session, conversation, clock.now()):
            delivery_state.fail(session, message, "", f"Not sent: {reason}")
    return len(overdue)


_WAITS = sa.or_(
    Message.delivery == Delivery.QUEUED,
    sa.and_(Message.delivery == Delivery.UNCONFIRMED, Message.next_attempt_at.is_not(None)),
)


def fail_stranded(session: Session) -> int:
    """Messages that still waited on an account when it was disconnected: no other account may send them."""
    stranded = session.scalars(
        sa.select(Message)
        .join(ChannelAccount, ChannelAccount.id == Message.account_id)
        .where(ChannelAccount.removed_at.is_not(None), _WAITS)
        .order_by(Message.id)
        .with_for_update(of=Message, skip_locked=True)
    ).all()
    for message in sorted(stranded, key=by_conversation):
        if message.delivery is Delivery.QUEUED:
            reason = "Not sent: the account it would have left from is no longer connected."
            delivery_state.fail(session, message, "", reason)
        else:
            delivery_state.ask_staff(session, message)
    return len(stranded)
