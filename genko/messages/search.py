"""Where conversations and messages are found: by the person's name or phone, and by the texts."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import search
from genko.messages.models import Conversation, Message

_NEWEST = 2000  # matches looked at for a common word, newest first

_MESSAGES = search.Index("message_search", "message_id")
_CONVERSATIONS = search.Index("conversation_search", "conversation_id")


def index_messages(session: Session, rows: Sequence[tuple[int, str]]) -> None:
    """Makes (message id, text) findable."""
    _MESSAGES.add(session, [(number, search.text_words(body)) for number, body in rows])


def index_conversations(session: Session, rows: Sequence[tuple[int, str, str | None]]) -> None:
    """Makes new conversations (id, person's name, phone) findable."""
    _CONVERSATIONS.add(
        session, [(number, search.person_words(name, number_of)) for number, name, number_of in rows]
    )


def reindex_conversations(session: Session, rows: Sequence[tuple[int, str, str | None]]) -> None:
    """After a change of these."""
    if rows:
        _CONVERSATIONS.remove(session, *(number for number, _, _ in rows))
        index_conversations(session, rows)


def conversations_named(session: Session, typed: str, account_id: int | None = None) -> sa.Select[Any] | None:
    """Ids of the newest conversations whose person's name or phone matches; None when nothing was typed."""
    wanted = search.typed_words(typed)
    if not wanted:
        return None
    found = _CONVERSATIONS.matches(session, wanted)
    number = found.selected_columns.id
    if account_id is not None:
        found = found.join(Conversation, Conversation.id == number).where(
            Conversation.account_id == account_id
        )
    # PostgreSQL takes every name for a common one; without the `+ 0` it would read the whole table by its key.
    return found.order_by(sa.desc(number if search.is_sqlite(session) else number + 0)).limit(_NEWEST)


def messages_saying(session: Session, typed: str, account_id: int | None = None) -> sa.Select[Any] | None:
    """Ids of the newest messages whose text has the words; None when too little was typed to look."""
    wanted = search.text_words(typed)
    if not wanted or max(map(len, wanted)) < 3:  # noqa: PLR2004 - shorter beginnings match nearly everything
        return None
    found = _MESSAGES.matches(session, wanted)
    number = found.selected_columns.id
    if account_id is not None:
        found = found.join(Message, Message.id == number).where(Message.account_id == account_id)
    return found.order_by(number.desc()).limit(_NEWEST)
