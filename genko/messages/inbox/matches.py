"""Conversations that a search finds, by name, by phone or by text, or that need a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from genko import text
from genko.messages import search
from genko.messages.inbox.filters import InboxFilter
from genko.messages.inbox.rows import LONGEST_WAIT_FIRST, NEWEST_FIRST
from genko.messages.models import Conversation, ConversationStatus, Message
from genko.messages.needs_attention import Need, condition

_BY_NAME = 200  # conversations of each status that are found by name or phone
_BY_TEXT = 50  # conversations of each status that are found by their texts
_NEEDY = 1000  # conversations that need a person
_EXCERPT = 60  # characters before and after a found word

_Value = TypeVar("_Value")
_Statuses = dict[int, ConversationStatus]


@dataclass(frozen=True)
class Matches:
    """By the conversation's id. `texts` are for those that only a text matches."""

    statuses: _Statuses
    texts: Mapping[int, str]


def find_matches(session: Session, chosen: InboxFilter, at: datetime) -> Matches:
    """What the search finds, what has the need, or what is both."""
    if not chosen.search.strip():
        return Matches(_find_needy(session, chosen, at), {})
    by_name, by_text = _find_by_name(session, chosen), _find_by_text(session, chosen)
    statuses = by_name | {conversation_id: status for conversation_id, (status, _) in by_text.items()}
    if chosen.need:
        needy = _find_needy(session, chosen, at)
        statuses = {
            conversation_id: status
            for conversation_id, status in statuses.items()
            if conversation_id in needy
        }
    # Where the name matches already, the latest message says more than an old one with the same words.
    texts = {
        conversation_id: body
        for conversation_id, (_, body) in by_text.items()
        if conversation_id not in by_name
    }
    return Matches(statuses, texts)


def _find_needy(session: Session, chosen: InboxFilter, at: datetime) -> _Statuses:
    if chosen.need is None:
        return {}
    needy = sa.select(Conversation.id, Conversation.status).where(condition(chosen.need, at))
    if chosen.account_id is not None:
        needy = needy.where(Conversation.account_id == chosen.account_id)
    order = LONGEST_WAIT_FIRST if chosen.need is Need.WAITING else NEWEST_FIRST
    rows = session.execute(needy.order_by(*order).limit(_NEEDY))
    return {conversation_id: status for conversation_id, status in rows}


def _find_by_name(session: Session, chosen: InboxFilter) -> _Statuses:
    """The newest conversations of each status whose person's name or phone matches."""
    named = search.conversations_named(session, chosen.search, chosen.account_id)
    if named is None:
        return {}
    ranked = (
        sa.select(Conversation.id, Conversation.status, _rank(Conversation.id, Conversation.status))
        .where(Conversation.id.in_(sa.select(named.subquery().c.id)))
        .subquery()
    )
    newest = sa.select(ranked.c.id, ranked.c.status).where(ranked.c.rank <= _BY_NAME)
    return {conversation_id: status for conversation_id, status in session.execute(newest)}


def _find_by_text(session: Session, chosen: InboxFilter) -> dict[int, tuple[ConversationStatus, str]]:
    """The conversations of each status in which the words were said last, and the newest text that has them."""
    saying = search.messages_saying(session, chosen.search, chosen.account_id)
    if saying is None:
        return {}
    rows = session.execute(_newest_texts(saying.subquery()))
    return {conversation_id: (status, body) for conversation_id, status, body in rows}


def _newest_texts(saying: sa.Subquery) -> sa.Select[int, ConversationStatus, str]:
    """Looked up in place of joined: for the few thousand found, PostgreSQL would read all messages ever written."""
    newest = (
        sa.select(
            _of_message(Message.conversation_id, saying.c.id).label("conversation_id"),
            sa.func.max(saying.c.id).label("message_id"),
        )
        .group_by(sa.literal_column("1"))
        .subquery()
    )
    status = (
        sa.select(Conversation.status).where(Conversation.id == newest.c.conversation_id).scalar_subquery()
    )
    with_status = sa.select(newest, status.label("status")).subquery()
    ranked = sa.select(with_status, _rank(with_status.c.message_id, with_status.c.status)).subquery()
    body = _of_message(Message.body, ranked.c.message_id)
    return sa.select(ranked.c.conversation_id, ranked.c.status, body).where(ranked.c.rank <= _BY_TEXT)


def _of_message(
    column: InstrumentedAttribute[_Value], message_id: sa.ColumnElement[int]
) -> sa.ScalarSelect[_Value]:
    return sa.select(column).where(Message.id == message_id).scalar_subquery()


def _rank(
    row_id: sa.SQLColumnExpression[int], status: sa.SQLColumnExpression[ConversationStatus]
) -> sa.Label[int]:
    """Newest first within each status: many matches among the closed hide nothing that is open."""
    return sa.func.row_number().over(partition_by=status, order_by=row_id.desc()).label("rank")


def excerpt(body: str, words: list[str]) -> str:
    """The text around the first of the words."""
    line = text.one_line(body, 2000)
    start = max(0, text.find_first(line, words) - _EXCERPT // 2)
    return ("…" if start else "") + text.one_line(line[start:], 2 * _EXCERPT)
