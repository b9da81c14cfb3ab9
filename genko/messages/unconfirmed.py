"""Looks up at the provider whether a message left when the answer to the sending call was lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.channels.accounts import Connector, Due
from genko.channels.base import Delivery
from genko.channels.capabilities import FindsSent
from genko.channels.events import Receipt
from genko.channels.outgoing import Outgoing
from genko.db import Database
from genko.messages import delivery_state
from genko.messages.models import Conversation, Identity, Message
from genko.messages.outbox import outgoing
from genko.worker_leases import Checkpoint, never_stops

_BATCH = 20
_LOOK_UP_FOR = timedelta(minutes=5)
_LOOK_UP_EVERY = timedelta(seconds=15)
_CANNOT_ASK = "It is not clear whether this message left, and the account cannot be asked right now. Genkō looks it up as soon as it can."


def confirm(
    database: Database, connector: Connector, due: Due, *, checkpoint: Checkpoint = never_stops
) -> int:
    """Looks UNCONFIRMED messages up at the provider; after five minutes staff are asked instead."""
    with database.reading() as session:
        doubtful = _find_doubtful(session, due.id)
    if not doubtful:
        return 0
    channel = connector.channel(due)
    for message_id, sent, claimed_at in doubtful:
        checkpoint()
        candidates = channel.find_sent(sent, claimed_at) if isinstance(channel, FindsSent) else []
        with database.transaction() as session:
            _conclude(session, message_id, candidates)
    return len(doubtful)


def tell_of_waiting(session: Session) -> None:
    """Tells staff in the thread that a look-up is overdue, as it is while the account is broken. The look-up goes on."""
    overdue = session.scalars(
        sa.select(Message)
        .where(
            Message.delivery == Delivery.UNCONFIRMED,
            Message.next_attempt_at.is_not(None),
            Message.problem == "",
            Message.claimed_at < clock.now() - _LOOK_UP_FOR,
        )
        .order_by(Message.conversation_id)
        .with_for_update(skip_locked=True)
    )
    for message in overdue.all():
        message.problem = _CANNOT_ASK
        delivery_state.redraw(session, message)


def _find_doubtful(session: Session, account_id: int) -> list[tuple[int, Outgoing, datetime]]:
    rows = session.execute(
        sa.select(Message, Identity.external_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(
            Message.account_id == account_id,
            Message.delivery == Delivery.UNCONFIRMED,
            Message.next_attempt_at <= clock.now(),
        )
        .order_by(Message.id)
        .limit(_BATCH)
    )
    return [
        (message.id, outgoing(message, person), message.claimed_at)
        for message, person in rows
        if message.claimed_at
    ]


def _conclude(session: Session, message_id: int, candidates: Sequence[Receipt]) -> None:
    message = session.get_one(Message, message_id, with_for_update=True)
    if message.delivery is not Delivery.UNCONFIRMED or message.claimed_at is None:
        return
    linked = set(
        session.scalars(
            sa.select(Message.provider_id).where(
                Message.account_id == message.account_id,
                Message.provider_id.in_([one.provider_id for one in candidates]),
            )
        )
    )
    unlinked = [one for one in candidates if one.provider_id not in linked]
    if unlinked and _twin_leaves(session, message):
        message.next_attempt_at = message.next_attempt_at and clock.now() + _LOOK_UP_EVERY
    elif unlinked:
        delivery_state.adopt(session, message, unlinked[0])
    elif message.next_attempt_at is None:
        return  # another worker looked at the same moment, and staff have been asked
    elif clock.now() - message.claimed_at < _LOOK_UP_FOR:
        message.next_attempt_at = clock.now() + _LOOK_UP_EVERY
    else:
        delivery_state.ask_staff(session, message)


def _twin_leaves(session: Session, message: Message) -> bool:
    """Another message with the same words is being sent to this person: what the provider has may be that one."""
    twin = sa.exists().where(
        Message.conversation_id == message.conversation_id,
        Message.id != message.id,
        Message.delivery == Delivery.SENDING,
        Message.body == message.body,
    )
    return bool(session.scalar(sa.select(twin)))
