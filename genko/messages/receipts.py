"""Receipts move the ticks of our messages."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db
from genko.channels.base import Delivery
from genko.channels.events import Receipt
from genko.messages import delivery_state
from genko.messages.models import Message


def apply_receipts(session: Session, account_id: int, receipts: Sequence[Receipt]) -> int:
    """Any order and any number of repeats give the same ticks."""
    lowest_first = sorted(receipts, key=lambda receipt: delivery_state.RANK[receipt.delivery])
    by_id = {receipt.provider_id: receipt for receipt in lowest_first}
    ours: list[Message] = []
    for ids in db.in_batches(by_id):
        found = sa.select(Message).where(Message.account_id == account_id, Message.provider_id.in_(ids))
        ours += session.scalars(found.order_by(Message.id).with_for_update())
    failed: list[Message] = []
    for message in sorted(ours, key=lambda message: (message.conversation_id, message.id)):
        before = message.delivery
        delivery_state.advance(session, message, by_id[str(message.provider_id)])
        if message.delivery is Delivery.FAILED and before is not Delivery.FAILED:
            failed.append(message)
    if failed:
        delivery_state.tell_account(session, max(failed, key=lambda message: message.id))
    return len(ours)
