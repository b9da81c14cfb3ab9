"""Takes the outbox to the provider and follows each message to its end.

A message is claimed by an UPDATE that names its old state, so that of two workers one gets it. No transaction is
open while a provider is spoken to. What may have left is never sent again by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from genko import clock
from genko.channels import accounts, registry
from genko.channels.accounts import Connector, Due
from genko.channels.base import Channel, ChannelError, Delivery, Outgoing, Receipt, Trouble
from genko.channels.models import ChannelAccount
from genko.db import Database
from genko.messages import conversations
from genko.messages.models import Conversation, Identity, Message
from genko.messages.outbox import why_forbidden

BATCH = 20
_AT_ONCE = 500  # ids in one question to the database
CLAIM_SECONDS = 60  # longer than a provider call can last: after it a claim belongs to nobody
_LOOK_UP_FOR = timedelta(minutes=5)
_LOOK_UP_EVERY = timedelta(seconds=15)
_FOLLOW_FOR = timedelta(hours=48)
_FRESH = timedelta(minutes=2)
_NOT_SENT_TWICE = "It is not clear whether this message reached the patient. Look at the phone or ask, then send it again or mark it as settled."

_RANK = {
    Delivery.QUEUED: 0,
    Delivery.SENDING: 1,
    Delivery.UNCONFIRMED: 2,
    Delivery.SENT: 3,
    Delivery.FAILED: 4,
    Delivery.DELIVERED: 5,
    Delivery.READ: 6,
}


@dataclass(frozen=True)
class Claim:
    message_id: int
    outgoing: Outgoing
    attempts: int


def deliver(database: Database, connector: Connector, due: Due, worker: str) -> int:
    """Sends what waits on one account; the number of messages handed over."""
    with database.reading() as session:
        waiting = _find_waiting(session, due.id)
    if not waiting:
        return 0
    channel = due.connect(connector)
    sent = 0
    for message_id in waiting:
        with database.transaction() as session:
            claim = _claim(session, message_id, worker)
        if claim is None:
            continue
        try:
            receipt = channel.send(claim.outgoing)
        except ChannelError as error:
            with database.transaction() as session:
                _note_error(session, claim, due.id, error)
            if error.trouble in {Trouble.BUSY, Trouble.ACCOUNT}:
                return sent  # the next message of this account would fare no better
        else:
            with database.transaction() as session:
                _note_sent(session, claim.message_id, due.id, receipt)
            sent += 1
    return sent


def _find_waiting(session: Session, account_id: int) -> Sequence[int]:
    return session.scalars(
        sa.select(Message.id)
        .where(
            Message.account_id == account_id,
            Message.delivery == Delivery.QUEUED,
            Message.next_attempt_at <= clock.now(),
        )
        .order_by(Message.id)
        .limit(BATCH)
    ).all()


def _claim(session: Session, message_id: int, worker: str) -> Claim | None:
    """None when another worker has it, when an earlier message of the conversation is still on its way, or when
    a rule forbids it by now (which fails the message, visibly)."""
    earlier = aliased(Message)
    blocked = sa.exists().where(
        earlier.conversation_id == Message.conversation_id,
        earlier.id < Message.id,
        earlier.delivery.in_([Delivery.QUEUED, Delivery.SENDING]),
    )
    claimed = session.execute(
        sa.update(Message)
        .where(Message.id == message_id, Message.delivery == Delivery.QUEUED, ~blocked)
        .values(
            delivery=Delivery.SENDING,
            claimed_by=worker,
            claimed_at=clock.now(),
            attempts=Message.attempts + 1,
        )
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if claimed is None:
        return None
    message = session.get_one(Message, message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    if reason := why_forbidden(session, conversation, clock.now()):
        _fail(session, message, "", f"Not sent: {reason}")
        return None
    _touch(session, message)
    person = session.get_one(Identity, conversation.identity_id).external_id
    return Claim(message_id, Outgoing(person, message.body), message.attempts)


def _note_sent(session: Session, message_id: int, account_id: int, receipt: Receipt) -> None:
    message = session.get_one(Message, message_id, with_for_update=True)
    _adopt(session, message, receipt)
    accounts.note_success(session, account_id)
    session.execute(
        sa.update(ChannelAccount).where(ChannelAccount.id == account_id).values(last_out_at=clock.now())
    )


def _adopt(session: Session, message: Message, receipt: Receipt) -> None:
    """The provider has it under this id."""
    new = message.provider_id is None
    if new:
        message.provider_id = receipt.provider_id
        if receipt.at:
            _set_time(session, message, receipt.at)
    _advance(session, message, receipt)
    if new and message.delivery is not Delivery.FAILED:
        message.next_attempt_at = clock.now()


def _set_time(session: Session, message: Message, at: datetime) -> None:
    """The provider's clock orders both directions alike."""
    message.at = at
    session.flush()
    conversations.recompute_newest(session, message.conversation_id)


def _note_error(session: Session, claim: Claim, account_id: int, error: ChannelError) -> None:
    message = session.get_one(Message, claim.message_id, with_for_update=True)
    if message.delivery is not Delivery.SENDING:
        return
    if error.trouble is Trouble.UNKNOWN:
        _doubt(session, message)
    elif error.trouble in {Trouble.BUSY, Trouble.ACCOUNT}:
        message.delivery = Delivery.QUEUED
        pause = min(2.0**claim.attempts, 120.0) * uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
        message.next_attempt_at = clock.now() + timedelta(seconds=max(pause, error.retry_after or 0))
        accounts.note_failure(session, account_id, error)
        _touch(session, message)
    else:
        _fail(session, message, error.code, error.reason)


def _doubt(session: Session, message: Message) -> None:
    message.delivery = Delivery.UNCONFIRMED
    message.next_attempt_at = clock.now()
    _touch(session, message)


def _fail(session: Session, message: Message, code: str, problem: str) -> None:
    message.delivery, message.error_code, message.problem = Delivery.FAILED, code, problem
    message.next_attempt_at = None
    _call_for_staff(session, message)
    if _trouble_of(session, message, code) is Trouble.OPTED_OUT:
        identity = session.get_one(Identity, conversations.get(session, message.conversation_id).identity_id)
        identity.opted_out_at = clock.now()


def _trouble_of(session: Session, message: Message, code: str) -> Trouble:
    return registry.kind(session.get_one(ChannelAccount, message.account_id).channel).trouble(code)


def _call_for_staff(session: Session, message: Message) -> None:
    conversation = conversations.lock(session, message.conversation_id)
    conversation.failed_count += 1
    conversation.changed_at = clock.now()
    session.flush()
    conversations.recompute_waiting(session, conversation.id)


def _touch(session: Session, message: Message) -> None:
    session.execute(
        sa.update(Conversation)
        .where(Conversation.id == message.conversation_id)
        .values(changed_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _advance(session: Session, message: Message, receipt: Receipt) -> None:
    """Ticks never go back. A failure can be overtaken by proof of delivery, never the other way round."""
    old = message.delivery or Delivery.QUEUED
    if _RANK[receipt.delivery] <= _RANK[old]:
        return
    if receipt.delivery is Delivery.FAILED:
        channel = registry.kind(session.get_one(ChannelAccount, message.account_id).channel)
        _fail(session, message, receipt.error_code, channel.explain(receipt.error_code))
        return
    if not message.settled and message.needs_a_person:
        conversations.lock(session, message.conversation_id).failed_count -= 1
    message.delivery, message.error_code, message.problem = receipt.delivery, "", ""
    if old is Delivery.FAILED:
        session.flush()
        conversations.recompute_waiting(session, message.conversation_id)
    _touch(session, message)


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
    for message in lost:
        _doubt(session, message)
    return len(lost)


_WAITS = sa.or_(
    Message.delivery == Delivery.QUEUED,
    sa.and_(Message.delivery == Delivery.UNCONFIRMED, Message.next_attempt_at.is_not(None)),
)


def fail_stranded(session: Session) -> int:
    """What still waited on an account when it was disconnected never goes out another way."""
    stranded = session.scalars(
        sa.select(Message)
        .join(ChannelAccount, ChannelAccount.id == Message.account_id)
        .where(ChannelAccount.removed_at.is_not(None), _WAITS)
        .order_by(Message.id)
        .with_for_update(of=Message, skip_locked=True)
    ).all()
    for message in stranded:
        if message.delivery is Delivery.QUEUED:
            _fail(
                session, message, "", "Not sent: the account it would have left from is no longer connected."
            )
        else:
            _ask_staff(session, message)
    return len(stranded)


def confirm(database: Database, connector: Connector, due: Due) -> int:
    """Looks UNCONFIRMED messages up at the provider; after five minutes staff are asked instead."""
    with database.reading() as session:
        doubtful = _find_doubtful(session, due.id)
    if not doubtful:
        return 0
    channel = due.connect(connector)
    for message_id, outgoing, claimed_at in doubtful:
        candidates = channel.find_sent(outgoing, claimed_at)
        with database.transaction() as session:
            _conclude(session, message_id, candidates)
    return len(doubtful)


def _find_doubtful(session: Session, account_id: int) -> list[tuple[int, Outgoing, datetime]]:
    rows = session.execute(
        sa.select(Message.id, Identity.external_id, Message.body, Message.claimed_at)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(
            Message.account_id == account_id,
            Message.delivery == Delivery.UNCONFIRMED,
            Message.next_attempt_at <= clock.now(),
        )
        .order_by(Message.id)
        .limit(BATCH)
    )
    return [
        (number, Outgoing(person, body), claimed_at)
        for number, person, body, claimed_at in rows
        if claimed_at
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
    if unlinked:
        _adopt(session, message, unlinked[0])
    elif clock.now() - message.claimed_at < _LOOK_UP_FOR:
        message.next_attempt_at = clock.now() + _LOOK_UP_EVERY
    else:
        _ask_staff(session, message)


def _ask_staff(session: Session, message: Message) -> None:
    message.next_attempt_at = None
    message.problem = _NOT_SENT_TWICE
    _call_for_staff(session, message)


def follow(database: Database, connector: Connector, due: Due, *, sweep: bool) -> int:
    """Brings the ticks up to date: fresh messages one by one, with `sweep` all of the last 48 hours at once."""
    with database.reading() as session:
        since, fresh = _find_unfinished(session, due.id)
    if since is None or not (sweep or fresh):
        return 0
    channel = due.connect(connector)
    receipts = channel.receipts(since) if sweep else _look_at(channel, fresh)
    with database.transaction() as session:
        return apply_receipts(session, due.id, receipts)


def _look_at(channel: Channel, provider_ids: Sequence[str]) -> list[Receipt]:
    found = []
    for provider_id in provider_ids:
        try:
            found.append(channel.receipt(provider_id))
        except ChannelError as error:
            if error.trouble is not Trouble.MESSAGE:  # unknown there: nothing more will be heard of it
                raise
    return found


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
    fresh = [str(provider_id) for provider_id, at in rows if at > now - _FRESH][:BATCH]
    return min(at for _, at in rows), fresh


def apply_receipts(session: Session, account_id: int, receipts: Sequence[Receipt]) -> int:
    """Any order and any number of repeats give the same ticks."""
    by_id = {one.provider_id: one for one in sorted(receipts, key=lambda one: _RANK[one.delivery])}
    ours: list[Message] = []
    for start in range(0, len(by_id), _AT_ONCE):
        ids = list(by_id)[start : start + _AT_ONCE]
        found = sa.select(Message).where(Message.account_id == account_id, Message.provider_id.in_(ids))
        ours += session.scalars(found.where(Message.claimed_at.is_not(None)).with_for_update())
    for message in sorted(ours, key=lambda one: (one.conversation_id, one.id)):
        _advance(session, message, by_id[str(message.provider_id)])
    return len(ours)
