"""Which worker sends which message. A claim is an UPDATE that names the old state, so that only one of two workers
gets the message.

A claim is a lease of CLAIM_SECONDS. In its first half the worker may call the provider; the second half is as long as
such a call can take. After that the message belongs to nobody, and may have left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from genko import clock
from genko.channels.base import Delivery
from genko.channels.outgoing import Outgoing
from genko.messages import delivery_state
from genko.messages.models import Conversation, Identity, Message
from genko.messages.outbox import outgoing, why_forbidden

BATCH = 20
CLAIM_SECONDS = 60


@dataclass(frozen=True)
class Claim:
    message_id: int
    outgoing: Outgoing
    attempts: int
    worker: str
    at: datetime

    @property
    def fresh(self) -> bool:
        """Whether the message may still leave under it; a worker can be suspended between any two lines."""
        return clock.now() - self.at < timedelta(seconds=CLAIM_SECONDS / 2)

    def holds(self, message: Message) -> bool:
        return (message.claimed_by, message.claimed_at) == (self.worker, self.at)


def find_waiting(session: Session, account_id: int) -> Sequence[int]:
    """Messages that can be sent now. Messages behind one that cannot go now do not take up places of the batch."""
    earlier = aliased(Message)
    held_back = _ahead(earlier).where(
        sa.or_(earlier.delivery == Delivery.SENDING, earlier.next_attempt_at > clock.now())
    )
    return session.scalars(
        sa.select(Message.id)
        .where(
            Message.account_id == account_id,
            Message.delivery == Delivery.QUEUED,
            Message.next_attempt_at <= clock.now(),
            ~held_back,
        )
        .order_by(Message.id)
        .limit(BATCH)
    ).all()


def _ahead(earlier: type[Message]) -> sa.Exists:
    """Whether an earlier message of the conversation has not left yet: messages leave in their order.

    `earlier` is an alias made for this statement alone. Accounts are served by threads, and two that ask for a column
    of one alias for the first time at once can get the message itself in its place, for the rest of the process.
    """
    return sa.exists().where(
        earlier.conversation_id == Message.conversation_id,
        earlier.account_id == Message.account_id,
        earlier.id < Message.id,
        earlier.delivery.in_([Delivery.QUEUED, Delivery.SENDING]),
    )


def claim(session: Session, message_id: int, worker: str) -> Claim | None:
    """None when another worker has the message, when an earlier message of the conversation is still on its way, or
    when a rule forbids it by now, which fails the message.
    """
    now = clock.now()
    if not _take(session, message_id, worker, now):
        return None
    message = session.get_one(Message, message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    if reason := why_forbidden(session, conversation, now):
        delivery_state.fail(session, message, "", f"Not sent: {reason}")
        return None
    delivery_state.redraw(session, message)
    person = session.get_one(Identity, conversation.identity_id).external_id
    return Claim(message_id, outgoing(message, person), message.attempts, worker, now)


def _take(session: Session, message_id: int, worker: str, now: datetime) -> bool:
    taken = session.execute(
        sa.update(Message)
        .where(Message.id == message_id, Message.delivery == Delivery.QUEUED, ~_ahead(aliased(Message)))
        .values(delivery=Delivery.SENDING, claimed_by=worker, claimed_at=now, attempts=Message.attempts + 1)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return taken.scalar_one_or_none() is not None


def give_back(session: Session, held: Claim) -> None:
    """Nothing was sent under this claim. If the claim was swept already, the look-up finds that out."""
    message = session.get_one(Message, held.message_id, with_for_update=True)
    if message.delivery is Delivery.SENDING and held.holds(message):
        message.delivery, message.next_attempt_at = Delivery.QUEUED, clock.now()
        delivery_state.redraw(session, message)


def sweep_claims(session: Session) -> int:
    """Messages whose worker died while sending: they may have left, so they are looked up, not replayed."""
    lost = session.scalars(
        sa.select(Message)
        .where(
            Message.delivery == Delivery.SENDING,
            Message.claimed_at < clock.now() - timedelta(seconds=CLAIM_SECONDS),
        )
        .with_for_update(skip_locked=True)
    ).all()
    for message in sorted(lost, key=by_conversation):
        delivery_state.doubt(session, message)
    return len(lost)


def by_conversation(message: Message) -> tuple[int, int]:
    """The order in which everybody locks conversations, so that nobody blocks another."""
    return message.conversation_id, message.id
