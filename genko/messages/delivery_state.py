"""Moves an outbound message from one delivery state to the next, with everything that changes with it."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.channels import accounts, registry
from genko.channels.base import Author, ChannelError, Delivery, Trouble
from genko.channels.channel import Channel
from genko.channels.events import Receipt
from genko.channels.models import ChannelAccount
from genko.messages import conversations, lead_contact, opt_out, roll_up
from genko.messages.models import Identity, Message

RANK = {
    Delivery.QUEUED: 0,
    Delivery.SENDING: 1,
    Delivery.UNCONFIRMED: 2,
    Delivery.SENT: 3,
    Delivery.FAILED: 4,
    Delivery.DELIVERED: 5,
    Delivery.READ: 6,
}
_NOT_SENT_TWICE = "It is not clear whether this message reached the patient. Look at the phone or ask, then send it again or mark it as settled."


def adopt(session: Session, message: Message, receipt: Receipt) -> None:
    """Links the message to the provider's id. A message that is linked to another id keeps that link and its ticks."""
    if message.provider_id not in {None, receipt.provider_id}:
        return
    if message.provider_id is None:
        message.provider_id = receipt.provider_id
        if receipt.at:
            message.at = receipt.at  # the provider's clock orders both directions alike
            # Locked first, so that a message that comes in at this moment is either seen here or sees this one.
            roll_up.recompute_newest(session, conversations.lock(session, message.conversation_id))
    advance(session, message, receipt)


def advance(session: Session, message: Message, receipt: Receipt) -> None:
    """Ticks never go back. Proof of delivery replaces a failure, but a failure never replaces proof of delivery."""
    old = message.delivery or Delivery.QUEUED
    if RANK[receipt.delivery] <= RANK[old]:
        return
    if receipt.delivery is Delivery.FAILED:
        reason = _channel(session, message).explain(receipt.error_code)
        fail(session, message, receipt.error_code, reason)
        return
    conversation = conversations.lock(session, message.conversation_id)
    if message.needs_a_person and not message.settled:
        roll_up.remove_failure(conversation)
    message.delivery, message.error_code, message.problem = receipt.delivery, "", ""
    if old is Delivery.FAILED:
        roll_up.recompute_waiting(session, conversation)
        lead_contact.written_to(session, message.conversation_id, lead_contact.counted_at(message))
    redraw(session, message)


def tell_account(session: Session, failed: Message) -> None:
    """Marks the account as unable to send if it caused the failure and no later message has left since.

    Call it last in a transaction: everybody locks the account after conversations and people.
    """
    if _channel(session, failed).trouble(failed.error_code) is not Trouble.ACCOUNT:
        return
    sent_since = sa.select(Message.id).where(
        Message.account_id == failed.account_id,
        Message.id > failed.id,
        Message.author != Author.PATIENT,
        Message.delivery.in_([Delivery.SENT, Delivery.DELIVERED, Delivery.READ]),
    )
    if session.scalar(sent_since.limit(1)) is None:
        error = ChannelError(failed.problem, Trouble.ACCOUNT, code=failed.error_code)
        accounts.note_send_failure(session, failed.account_id, error)


def doubt(session: Session, message: Message) -> None:
    """The message may or may not have left: from now on it is looked up at the provider."""
    message.delivery = Delivery.UNCONFIRMED
    message.next_attempt_at = clock.now()
    redraw(session, message)


def ask_staff(session: Session, message: Message) -> None:
    """The look-ups found nothing: staff decide."""
    message.next_attempt_at = None
    message.problem = _NOT_SENT_TWICE
    _call_for_staff(session, message)


def fail(session: Session, message: Message, code: str, problem: str) -> None:
    """A failed message is no contact with its lead."""
    message.delivery, message.error_code, message.problem = Delivery.FAILED, code, problem
    message.next_attempt_at = None
    _call_for_staff(session, message)
    identity = session.get_one(Identity, conversations.get(session, message.conversation_id).identity_id)
    if identity.lead_id:
        lead_contact.recount(session, identity.lead_id, but=lead_contact.counted_at(message))
    if _channel(session, message).trouble(code) is Trouble.OPTED_OUT:
        opt_out.note_refusal(identity, message)


def _channel(session: Session, message: Message) -> type[Channel]:
    return registry.kind(session.get_one(ChannelAccount, message.account_id).channel)


def _call_for_staff(session: Session, message: Message) -> None:
    conversation = conversations.lock(session, message.conversation_id)
    roll_up.add_failure(session, conversation, message)


def redraw(session: Session, message: Message) -> None:
    """Open screens draw the message anew."""
    roll_up.mark_changed(session, message.conversation_id)
