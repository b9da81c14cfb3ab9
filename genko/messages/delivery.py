"""Takes the outbox to the provider. No transaction is open while a provider is spoken to.

What may have left is never sent again by itself.
"""

from datetime import timedelta
from random import uniform

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.channels import accounts
from genko.channels.accounts import Connector, Due
from genko.channels.base import ChannelError, Delivery, Receipt, Trouble
from genko.channels.models import ChannelAccount
from genko.db import Database
from genko.messages import claims, progress
from genko.messages.claims import Claim
from genko.messages.models import Message
from genko.workers import Checkpoint, never_stops


def deliver(
    database: Database,
    connector: Connector,
    due: Due,
    worker: str,
    *,
    checkpoint: Checkpoint = never_stops,
) -> int:
    """Sends what waits on one account; the number of messages handed over."""
    with database.reading() as session:
        waiting = claims.find_waiting(session, due.id)
    if not waiting:
        return 0
    channel = due.connect(connector)
    sent = 0
    for message_id in waiting:
        checkpoint()
        with database.transaction() as session:
            claim = claims.claim(session, message_id, worker)
        if claim is None:
            continue
        try:
            if not claim.fresh:
                with database.transaction() as session:
                    claims.give_back(session, claim)
                continue
            receipt = channel.send(claim.outgoing)
        except ChannelError as error:
            with database.transaction() as session:
                _note_error(session, claim, due.id, error)
            if error.trouble in {Trouble.BUSY, Trouble.ACCOUNT}:
                return sent  # the next message of this account would fare no better
        else:
            with database.transaction() as session:
                _note_sent(session, claim, due.id, receipt)
            sent += 1
    return sent


def _note_sent(session: Session, claim: Claim, account_id: int, receipt: Receipt) -> None:
    message = session.get_one(Message, claim.message_id, with_for_update=True)
    if claim.holds(message):
        progress.adopt(session, message, receipt)
    accounts.note_success(session, account_id)
    session.execute(
        sa.update(ChannelAccount).where(ChannelAccount.id == account_id).values(last_out_at=clock.now())
    )


def _note_error(session: Session, claim: Claim, account_id: int, error: ChannelError) -> None:
    message = session.get_one(Message, claim.message_id, with_for_update=True)
    if message.delivery is not Delivery.SENDING or not claim.holds(message):
        return
    if error.trouble is Trouble.UNKNOWN:
        progress.doubt(session, message)
    elif error.trouble in {Trouble.BUSY, Trouble.ACCOUNT}:
        message.delivery = Delivery.QUEUED
        pause = min(2.0**claim.attempts, 120.0) * uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
        message.next_attempt_at = clock.now() + timedelta(seconds=max(pause, error.retry_after or 0))
        accounts.note_failure(session, account_id, error)
        progress.redraw(session, message)
    else:
        progress.fail(session, message, error.code, error.reason)
