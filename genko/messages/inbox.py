"""The conversation list. Everything a row shows stands on the conversation: no query per row, never an OFFSET."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Session

from genko import text
from genko.channels import registry
from genko.channels.base import Author
from genko.channels.models import ChannelAccount
from genko.messages import conversations, search
from genko.messages.models import (
    Conversation,
    ConversationSeen,
    ConversationStatus,
    ConversationTally,
    Message,
    Priority,
)
from genko.messages.needs_attention import Need, condition
from genko.messages.reply_window import window

PAGE = 50  # rows
_RECENT = 20  # rows of the change mark
_NAMED = 200  # conversations of a status found by a name or phone
_SAID = 50  # conversations of a status found by their texts
_NEEDY = 1000  # conversations that need a person
_EXCERPT = 60  # characters before and after a found word

_NEWEST_FIRST = Conversation.last_message_at.desc(), Conversation.id.desc()
_LONGEST_FIRST = Conversation.waiting_since, Conversation.id
_OPEN = sa.text("conversation.status <> 'resolved'")  # literal, so that the partial index serves it


class Tab(StrEnum):
    ACTIVE = "active"
    CLOSED = "closed"


class Order(StrEnum):
    ACTIVITY = "activity"
    WAITING = "waiting"


@dataclass(frozen=True)
class InboxFilter:
    tab: Tab = Tab.ACTIVE
    status: ConversationStatus | None = None
    account_id: int | None = None
    order: Order = Order.ACTIVITY
    search: str = ""
    need: Need | None = None

    @property
    def searches(self) -> bool:
        return bool(self.need or self.search.strip())


class ConversationRow(NamedTuple):
    id: int
    name: str
    preview: str
    preview_author: Author
    status: ConversationStatus
    priority: Priority
    ai_enabled: bool
    message_count: int
    unread: int
    failed: bool
    last_message_at: datetime
    waiting_since: datetime | None
    window_closes_at: datetime | None  # only while it closes soon
    channel: str
    channel_label: str
    account: str
    account_colour: str
    match: str | None = None  # the found text, in a search


@dataclass(frozen=True)
class InboxPage:
    rows: list[ConversationRow]
    more: bool
    active: int
    closed: int


def find_page(session: Session, wanted: InboxFilter, *, by: int, at: datetime, rows: int = PAGE) -> InboxPage:
    """The first `rows` conversations and the counts of both tabs under the same filter."""
    if wanted.searches:
        return _found_page(session, wanted, by=by, at=at, rows=rows)
    found = _ordered(session, wanted, by, rows + 1)
    active, closed = (found[0].active, found[0].closed) if found else count_tabs(session, wanted)
    return InboxPage([_row(one, at) for one in found[:rows]], len(found) > rows, active, closed)


def count_tabs(session: Session, wanted: InboxFilter) -> tuple[int, int]:
    """How many conversations each tab lists under the filter, search and need left out."""
    asked = _tallied(wanted.tab, wanted.status, wanted.account_id is not None)
    active, closed = session.execute(asked, {"account": wanted.account_id}).one()
    return active, closed


def change_mark(session: Session) -> tuple[tuple[int, datetime], ...]:
    """Differs as soon as any conversation changed. More than the newest row, because commits may overtake each other."""
    return tuple(session.execute(_CHANGED).all())


def count_waiting(session: Session) -> int:
    """Conversations in which somebody waits for us."""
    return session.execute(_WAITING).scalar_one()


_WAITING = sa.select(sa.func.count()).where(Conversation.waiting_since.is_not(None))
_CHANGED = (
    sa.select(Conversation.id, Conversation.changed_at)
    .order_by(Conversation.changed_at.desc())
    .limit(_RECENT)
)


def _ordered(
    session: Session, wanted: InboxFilter, by: int, limit: int, hits: Collection[int] | None = None
) -> list[sa.Row[Any]]:
    given: dict[str, Any] = {"by": by, "account": wanted.account_id, "hits": sorted(hits or ())}
    waits = (True, False) if wanted.order is Order.WAITING else (None,)
    found: list[sa.Row[Any]] = []
    for waiting in waits:
        if len(found) == limit:
            break
        kind = wanted.tab, wanted.status, wanted.account_id is not None, waiting, hits is not None
        found += session.execute(_list(*kind), given | {"rows": limit - len(found)})
    return found


@cache
def _list(
    tab: Tab, status: ConversationStatus | None, of_account: bool, waiting: bool | None, of_hits: bool
) -> sa.Select[*tuple[Any, ...]]:
    """Of those who wait, the longest first; of others, or of all (None), the newest. Each is built once: a few dozen."""
    counts = (sa.null(), sa.null()) if of_hits else _tallies(tab, status, of_account)
    chosen = _ROWS.add_columns(*counts).where(_tab(tab, status)).limit(sa.bindparam("rows"))
    if of_account:
        chosen = chosen.where(Conversation.account_id == sa.bindparam("account"))
    if of_hits:
        chosen = chosen.where(Conversation.id.in_(sa.bindparam("hits", expanding=True, literal_execute=True)))
    if waiting is not None:
        waits = Conversation.waiting_since.is_not(None)
        chosen = chosen.where(waits if waiting else ~waits)
    return chosen.order_by(*(_LONGEST_FIRST if waiting else _NEWEST_FIRST))


def _tab(tab: Tab, status: ConversationStatus | None) -> sa.ColumnElement[bool] | sa.TextClause:
    if tab is Tab.CLOSED:
        return Conversation.status == ConversationStatus.RESOLVED
    if status in {ConversationStatus.ACTIVE, ConversationStatus.PENDING}:
        return Conversation.status == status
    return _OPEN


# Built once, and with look-ups in place of outer joins: SQLite would read a joined table whole to build a filter of it.
_seen = (
    sa.select(ConversationSeen.inbound_seen)
    .where(
        ConversationSeen.conversation_id == Conversation.id, ConversationSeen.staff_id == sa.bindparam("by")
    )
    .scalar_subquery()
)
_ROWS: sa.Select[*tuple[Any, ...]] = sa.select(
    Conversation.id, Conversation.name, Conversation.preview, Conversation.preview_author, Conversation.status,
    Conversation.priority, Conversation.ai_enabled, Conversation.message_count,
    sa.func.coalesce(
        Conversation.inbound_count - _seen,
        conversations.SINCE_JOINED,
    ),
    Conversation.failed_count, Conversation.last_message_at, Conversation.waiting_since, Conversation.last_inbound_at,
    ChannelAccount.channel, ChannelAccount.label, ChannelAccount.colour,
).join(ChannelAccount, ChannelAccount.id == Conversation.account_id)  # fmt: skip


def _row(one: Sequence[Any], at: datetime, match: str | None = None) -> ConversationRow:
    """Taken by place, which is twice as quick as by name: the columns come in the order of the fields."""
    *row, unread, failed, last_message_at, waiting_since, last_inbound_at, channel, label, colour, _, _ = one
    open_until = window(channel, last_inbound_at)
    closes_at = open_until.closes_at if waiting_since and open_until.closes_soon(at) else None
    row += [max(0, unread), failed > 0, last_message_at, waiting_since, closes_at]
    row += [channel, registry.kind(channel).label, label, colour, match]
    return ConversationRow._make(row)


def _counts(found: Counter[ConversationStatus], wanted: InboxFilter) -> tuple[int, int]:
    """Of both tabs, as many as each lists under the filter."""
    closed = found.pop(ConversationStatus.RESOLVED, 0)
    only = wanted.tab is Tab.ACTIVE and wanted.status
    return found[only] if only else found.total(), closed


def _tallies(
    tab: Tab, status: ConversationStatus | None, of_account: bool
) -> tuple[sa.ColumnElement[int], sa.ColumnElement[int]]:
    """What `_counts` says, of all conversations or of all with an account, out of the stored counts."""
    is_closed = ConversationTally.status == ConversationStatus.RESOLVED
    is_active = ConversationTally.status == status if tab is Tab.ACTIVE and status else ~is_closed
    number = sa.cast(sa.func.coalesce(sa.func.sum(ConversationTally.conversations), 0), sa.BigInteger)
    ours = [ConversationTally.account_id == sa.bindparam("account")] if of_account else []
    asked = sa.select(number)
    active, closed = asked.where(is_active, *ours), asked.where(is_closed, *ours)
    return active.scalar_subquery().label("active"), closed.scalar_subquery().label("closed")


@cache
def _tallied(tab: Tab, status: ConversationStatus | None, of_account: bool) -> sa.Select[int, int]:
    return sa.select(*_tallies(tab, status, of_account))


def _found_page(session: Session, wanted: InboxFilter, *, by: int, at: datetime, rows: int) -> InboxPage:
    """Both tabs are looked through, so that their counts show where the hits are."""
    said, named = _said(session, wanted), _named(session, wanted)
    found = _hits(session, wanted, named | {number: status for number, (status, _) in said.items()}, at)
    order = Order.ACTIVITY if wanted.search.strip() else wanted.order
    listed = _ordered(session, replace(wanted, order=order), by, rows + 1, found)
    words = text.words(wanted.search)
    # Where the name says why somebody is found, the latest message tells more than an old one of the same words.
    by_text = said.keys() - named.keys()
    shown = [
        _row(one, at, _excerpt(said[one.id][1], words) if one.id in by_text else None)
        for one in listed[:rows]
    ]
    active, closed = _counts(Counter(found.values()), wanted)
    return InboxPage(shown, len(listed) > rows, active, closed)


_Hits = dict[int, ConversationStatus]


def _hits(session: Session, wanted: InboxFilter, searched: _Hits, at: datetime) -> _Hits:
    """Whom the search finds, the need, or both."""
    if wanted.need is None:
        return searched
    needy = _needy(session, wanted.need, wanted.account_id, at)
    if not wanted.search.strip():
        return needy
    return {number: status for number, status in searched.items() if number in needy}


def _needy(session: Session, need: Need, account_id: int | None, at: datetime) -> _Hits:
    found = sa.select(Conversation.id, Conversation.status).where(condition(need, at))
    if account_id is not None:
        found = found.where(Conversation.account_id == account_id)
    first = _LONGEST_FIRST if need is Need.WAITING else _NEWEST_FIRST
    rows = session.execute(found.order_by(*first).limit(_NEEDY))
    return {number: status for number, status in rows}


def _named(session: Session, wanted: InboxFilter) -> dict[int, ConversationStatus]:
    """The newest conversations of each status whose person's name or phone matches."""
    found = search.conversations_named(session, wanted.search, wanted.account_id)
    if found is None:
        return {}
    ranked = (
        sa.select(Conversation.id, Conversation.status, _place(Conversation.id, Conversation.status))
        .where(Conversation.id.in_(sa.select(found.subquery().c.id)))
        .subquery()
    )
    named = sa.select(ranked.c.id, ranked.c.status).where(ranked.c.place <= _NAMED)
    return {conversation_id: status for conversation_id, status in session.execute(named)}


def _said(session: Session, wanted: InboxFilter) -> dict[int, tuple[ConversationStatus, str]]:
    """The conversations of each status in which the words were said last, and the newest text that has them."""
    found = search.messages_saying(session, wanted.search, wanted.account_id)
    if found is None:
        return {}
    rows = session.execute(_newest_texts(found.subquery()))
    return {conversation_id: (status, body) for conversation_id, status, body in rows}


def _newest_texts(found: sa.Subquery) -> sa.Select[Any]:
    """Looked up in place of joined: for the few thousand found, PostgreSQL would read all messages ever written."""
    newest = (
        sa.select(
            _of_message(Message.conversation_id, found.c.id).label("conversation_id"),
            sa.func.max(found.c.id).label("message_id"),
        )
        .group_by(sa.literal_column("1"))
        .subquery()
    )
    status = (
        sa.select(Conversation.status).where(Conversation.id == newest.c.conversation_id).scalar_subquery()
    )
    told = sa.select(newest, status.label("status")).subquery()
    ranked = sa.select(told, _place(told.c.message_id, told.c.status)).subquery()
    return sa.select(
        ranked.c.conversation_id, ranked.c.status, _of_message(Message.body, ranked.c.message_id)
    ).where(ranked.c.place <= _SAID)


def _of_message(
    wanted: orm.InstrumentedAttribute[Any], number: sa.ColumnElement[int]
) -> sa.ScalarSelect[Any]:
    return sa.select(wanted).where(Message.id == number).scalar_subquery()


def _place(number: sa.SQLColumnExpression[int], status: sa.SQLColumnExpression[Any]) -> sa.Label[int]:
    """Among those of its status, the newest first: what is common among the closed hides nothing that is open."""
    return sa.func.row_number().over(partition_by=status, order_by=number.desc()).label("place")


def _excerpt(body: str, words: list[str]) -> str:
    """The text around the first of the words."""
    line = text.one_line(body, 2000)
    start = max(0, text.find_first(line, words) - _EXCERPT // 2)
    return ("…" if start else "") + text.one_line(line[start:], 2 * _EXCERPT)
