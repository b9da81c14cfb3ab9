"""Sends queued messages to the provider. No transaction is open during a provider's call.

A message that may have left is never sent again automatically.
"""

from collections.abc import Callable
from datetime import timedelta
from random import uniform

import stamina
from sqlalchemy.orm import Session

from genko import clock
from genko.channels import accounts
from genko.channels.accounts import Connector, Due
from genko.channels.base import ChannelError, Delivery, Trouble
from genko.channels.events import Receipt
from genko.db import Database, DatabaseDown
from genko.messages import claims, delivery_state, echoes
from genko.messages.claims import Claim
from genko.messages.models import Message
from genko.worker_leases import Checkpoint, never_stops


def deliver(
    database: Database,
    connector: Connector,
    due: Due,
    worker: str,
    *,
    checkpoint: Checkpoint = never_stops,
) -> int:
    """Sends the messages that wait on one account; how many the provider took."""
    with database.reading() as session:
        waiting = claims.find_waiting(session, due.id)
    if not waiting:
        return 0
    channel = connector.channel(due)
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
            _surely(database, _note_error, claim, due, error)
            if error.trouble in {Trouble.BUSY, Trouble.ACCOUNT}:
                return sent  # the next message of this account would fare no better
        else:
            _surely(database, _note_sent, claim, due.id, receipt)
            sent += 1
    return sent


def _surely(database: Database, note: Callable[..., None], *what: object) -> None:
    """Only this process knows what the provider has answered: a database that is away for seconds must not lose it."""
    for attempt in stamina.retry_context(on=DatabaseDown, attempts=7, timeout=None, wait_jitter=0.0):
        with attempt, database.transaction() as session:
            note(session, *what)


def _note_sent(session: Session, claim: Claim, account_id: int, receipt: Receipt) -> None:
    message = session.get_one(Message, claim.message_id, with_for_update=True)
    if claim.holds(message):
        echoes.remove_copy(session, message, receipt.provider_id)
        delivery_state.adopt(session, message, receipt)
    if receipt.delivery is Delivery.FAILED:
        delivery_state.tell_account(session, message)
    else:
        accounts.note_sent(session, account_id)


def _note_error(session: Session, claim: Claim, due: Due, error: ChannelError) -> None:
    message = session.get_one(Message, claim.message_id, with_for_update=True)
    if message.delivery is not Delivery.SENDING or not claim.holds(message):
        return
    if error.trouble is Trouble.UNKNOWN:
        delivery_state.doubt(session, message)
    elif error.trouble in {Trouble.BUSY, Trouble.ACCOUNT}:
        message.delivery = Delivery.QUEUED
        pause = min(2.0 ** min(claim.attempts, 10), 120.0) * uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
        message.next_attempt_at = clock.now() + timedelta(seconds=max(pause, error.retry_after or 0))
        accounts.note_send_failure(session, due.id, error, sealed=due.sealed)
        delivery_state.redraw(session, message)
    else:
        delivery_state.fail(session, message, error.code, error.reason)
