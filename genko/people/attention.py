"""What needs a person now. Every query uses an index, because the screen asks again after each change."""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from genko.channels import registry
from genko.channels.models import ChannelAccount, Health
from genko.leads.filters import LeadFilter, conditions
from genko.leads.models import Lead
from genko.messages.inbox import count_waiting
from genko.messages.models import Conversation, Unprocessed
from genko.messages.needs_attention import Need, closes_soon, condition
from genko.messages.reply_window import window

_UNVERIFIED = "Not verified yet. It connects by itself as soon as the provider is ready."
SHOWN = 5  # conversations named of each kind; the others are only counted


@dataclass(frozen=True)
class Someone:
    conversation_id: int
    name: str
    at: datetime  # since when the person waits, when the window closes, or the last message


@dataclass(frozen=True)
class Trouble:
    account: str
    sentence: str


@dataclass(frozen=True)
class Attention:
    waiting: int
    longest: list[Someone]
    closes: int  # people who wait and whose reply window closes soon
    closing: list[Someone]
    failed: int
    failures: list[Someone]
    uncontacted: int
    unprocessed: int
    accounts: int
    troubles: list[Trouble]


def find_attention(session: Session, *, at: datetime) -> Attention:
    waits, failed = Conversation.waiting_since.is_not(None), condition(Need.UNSENT, at)
    uncontacted = conditions(session, LeadFilter(uncontacted=True), at)
    closes, closing = _closing(session, at)
    accounts = session.scalars(sa.select(ChannelAccount).where(ChannelAccount.removed_at.is_(None))).all()
    return Attention(
        waiting=count_waiting(session),
        longest=_people(session, Conversation.waiting_since, waits, Conversation.waiting_since),
        closes=closes,
        closing=closing,
        failed=_count(session, Conversation.id, failed),
        failures=_people(session, Conversation.last_message_at, failed, Conversation.last_message_at.desc()),
        uncontacted=_count(session, Lead.id, *uncontacted),
        unprocessed=_count(session, Unprocessed.id, Unprocessed.processed_at.is_(None)),
        accounts=len(accounts),
        troubles=[
            Trouble(account.label, account.send_error or account.last_error or _UNVERIFIED)
            for account in accounts
            if account.send_error or account.health is not Health.OK
        ],
    )


def _count(
    session: Session, key: InstrumentedAttribute[int], *where: sa.ColumnElement[bool] | sa.TextClause
) -> int:
    return session.scalar(sa.select(sa.func.count(key)).where(*where)) or 0


def _people(
    session: Session,
    at: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    where: sa.ColumnElement[bool] | sa.TextClause,
    order: sa.ColumnElement[datetime] | InstrumentedAttribute[datetime | None],
) -> list[Someone]:
    rows = session.execute(
        sa.select(Conversation.id, Conversation.name, at).where(where).order_by(order).limit(SHOWN)
    )
    return [Someone(conversation_id, name, moment) for conversation_id, name, moment in rows if moment]


def _closing(session: Session, at: datetime) -> tuple[int, list[Someone]]:
    """How many people wait whose reply window closes soon, and the most urgent of them."""
    closes, closing = 0, list[Someone]()
    for channel in registry.CHANNELS:
        soon = closes_soon(channel, at)
        closes += _count(session, Conversation.id, soon)
        for person in _people(session, Conversation.last_inbound_at, soon, Conversation.last_inbound_at):
            if closes_at := window(channel, person.at).closes_at:
                closing.append(replace(person, at=closes_at))
    return closes, sorted(closing, key=lambda person: person.at)[:SHOWN]
