"""The provider tells us of our own messages too. Such an echo must not become a second message.

An echo can come before the answer to the sending call, or in its place when that answer was lost.
"""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.channels.base import Delivery
from genko.channels.events import Inbound, Receipt
from genko.messages import conversations, delivery_state, roll_up, search
from genko.messages.change_models import MessageReaction
from genko.messages.models import Conversation, Identity, Message

_SPAN = timedelta(minutes=2)  # how far the provider's clock, and its queue, may be from our claim


def link(session: Session, account_id: int, echoes: Sequence[Inbound]) -> None:
    """Gives our messages that are on their way the provider ids of their echoes.

    Locks messages before conversations, as delivery does.
    """
    for echo in sorted(echoes, key=lambda echo: echo.at):
        if _is_stored(session, account_id, echo):
            continue
        message = _sent_as(session, account_id, echo)
        if message is not None:
            receipt = Receipt(echo.provider_id, echo.delivery or Delivery.SENT, echo.at, echo.error_code)
            delivery_state.adopt(session, message, receipt)
            session.flush()


def remove_copy(session: Session, message: Message, provider_id: str) -> None:
    """An echo that could not be linked, because the provider changed our words, was stored as another tool's message.

    Now that the sending call has told us its id, our message takes its place.
    """
    copy = session.scalar(
        sa.select(Message)
        .where(
            Message.account_id == message.account_id,
            Message.conversation_id == message.conversation_id,
            Message.provider_id == provider_id,
            Message.id != message.id,
            Message.staff_id.is_(None),
        )
        .with_for_update()
    )
    if copy is None:
        return
    conversation = conversations.lock(session, message.conversation_id)
    reactions = sa.update(MessageReaction).where(MessageReaction.message_id == copy.id)
    session.execute(reactions.values(message_id=message.id))
    search.forget_message(session, copy.id, copy.body)
    session.delete(copy)
    session.flush()
    roll_up.remove_copy(session, conversation)


def _is_stored(session: Session, account_id: int, echo: Inbound) -> bool:
    stored = sa.exists().where(Message.account_id == account_id, Message.provider_id == echo.provider_id)
    return bool(session.scalar(sa.select(stored)))


def _sent_as(session: Session, account_id: int, echo: Inbound) -> Message | None:
    """Our oldest message without a provider id that has these words and left at this time."""
    return session.scalar(
        sa.select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(
            Message.account_id == account_id,
            Message.provider_id.is_(None),
            Message.delivery.in_([Delivery.SENDING, Delivery.UNCONFIRMED]),
            Message.body == echo.body.strip(),
            Message.claimed_at.between(echo.at - _SPAN, echo.at + _SPAN),
            Identity.external_id == echo.person,
        )
        .order_by(Message.id)
        .limit(1)
        .with_for_update(of=Message)
    )
