"""Asks providers how far our messages have come, until they have been read or 48 hours have passed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db
from genko.channels.accounts import Connector, Due
from genko.channels.base import ChannelError, Delivery, Trouble
from genko.channels.capabilities import AsksReceipts
from genko.channels.events import Receipt
from genko.db import Database
from genko.messages.models import Message
from genko.messages.take_in import take_in
from genko.worker_leases import Checkpoint, never_stops

_BATCH = 20
_MOST_FAILURES = 2  # unanswered questions after which the other messages wait for the next round
_FOLLOW_FOR = timedelta(hours=48)
_FRESH = timedelta(minutes=2)


def follow(
    database: Database,
    connector: Connector,
    due: Due,
    *,
    sweep: bool,
    checkpoint: Checkpoint = never_stops,
) -> int:
    """Brings the ticks up to date: fresh messages one by one, with `sweep` all of the last 48 hours at once."""
    with database.reading() as session:
        since, fresh = _find_unfinished(session, due.id)
    if since is None or not (sweep or fresh):
        return 0
    channel = connector.channel(due)
    if not isinstance(channel, AsksReceipts):
        return 0
    receipts, problem = (channel.receipts(since), None) if sweep else _look_at(channel, fresh, checkpoint)
    with database.reading() as session:
        ours = _of_our_messages(session, due.id, receipts)
    moved = take_in(database, due.id, ours) if ours else 0
    if problem:
        raise problem
    return moved


def _look_at(
    channel: AsksReceipts, provider_ids: Sequence[str], checkpoint: Checkpoint
) -> tuple[list[Receipt], ChannelError | None]:
    """The receipts that the provider gave, and the error when it concerns the account and not single messages."""
    receipts: list[Receipt] = []
    failure_count = 0
    for provider_id in provider_ids:
        checkpoint()
        try:
            receipts.append(channel.receipt(provider_id))
        except ChannelError as error:
            if error.trouble is Trouble.ACCOUNT or error.retry_after:
                return receipts, error
            # The provider does not know this message and never will: no reason to stop asking for the others.
            failure_count += error.trouble is not Trouble.MESSAGE
        if failure_count == _MOST_FAILURES:
            break
    return receipts, None


def _find_unfinished(session: Session, account_id: int) -> tuple[datetime | None, list[str]]:
    now = clock.now()
    rows = session.execute(
        sa.select(Message.provider_id, Message.arrived_at)
        .where(
            Message.account_id == account_id,
            Message.delivery.in_([Delivery.SENT, Delivery.DELIVERED]),
            Message.provider_id.is_not(None),
            Message.arrived_at > now - _FOLLOW_FOR,
        )
        .order_by(Message.id.desc())
    ).all()
    if not rows:
        return None, []
    fresh = [str(provider_id) for provider_id, at in rows if at > now - _FRESH][:_BATCH]
    return min(at for _, at in rows), fresh


def _of_our_messages(session: Session, account_id: int, receipts: Sequence[Receipt]) -> list[Receipt]:
    """The provider also lists what other programs sent. Their receipts would be kept for messages that never come."""
    stored: set[str | None] = set()
    for ids in db.in_batches({receipt.provider_id for receipt in receipts}):
        known = sa.select(Message.provider_id).where(
            Message.account_id == account_id, Message.provider_id.in_(ids)
        )
        stored |= set(session.scalars(known))
    return [receipt for receipt in receipts if receipt.provider_id in stored]
