"""Search in conversations: by the person's name or phone, and by the texts of messages."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import search
from genko.messages.models import Conversation, Message

_SHORT = 3  # letters; shorter words are looked for whole, because nearly every text has a word that begins so
_PEOPLE, _TEXTS = 2000, 1000  # matches looked at for what is common, the newest first

_MESSAGES = search.Index("message_search", "message_id")
_CONVERSATIONS = search.Index("conversation_search", "conversation_id")


def index_messages(session: Session, rows: Sequence[tuple[int, str]]) -> None:
    """Makes (message id, text) findable."""
    _MESSAGES.add(session, [(message_id, search.text_words(body)) for message_id, body in rows])


def reindex_message(session: Session, message_id: int, *, before: str, after: str) -> None:
    """The text of a message has changed."""
    forget_message(session, message_id, before)
    index_messages(session, [(message_id, after)])


def forget_message(session: Session, message_id: int, body: str) -> None:
    _MESSAGES.remove_contentless(session, message_id, search.text_words(body))


def index_conversations(session: Session, rows: Sequence[tuple[int, str, str | None]]) -> None:
    """Makes new conversations (id, person's name, phone) findable."""
    _CONVERSATIONS.add(
        session,
        [(conversation_id, search.person_words(name, phone)) for conversation_id, name, phone in rows],
    )


def reindex_conversations(session: Session, rows: Sequence[tuple[int, str, str | None]]) -> None:
    """After a change of the name or the phone."""
    if rows:
        _CONVERSATIONS.remove(session, *(conversation_id for conversation_id, _, _ in rows))
        index_conversations(session, rows)


def conversations_named(session: Session, typed: str, account_id: int | None) -> sa.Select[Any] | None:
    """Ids of the newest conversations (of the account) whose person's name or phone matches; None: nothing was typed."""
    words = search.typed_words(typed)
    if not words:
        return None
    matching = _CONVERSATIONS.matches(session, words)
    conversation_id = matching.selected_columns.id
    if account_id is not None:
        matching = matching.join(Conversation, Conversation.id == conversation_id)
        matching = matching.where(Conversation.account_id == account_id)
    # PostgreSQL takes every name for a common one; without the `+ 0` it would read the whole table by its key.
    order = conversation_id if search.is_sqlite(session) else conversation_id + 0
    return matching.order_by(sa.desc(order)).limit(_spelled(_PEOPLE))


def messages_saying(session: Session, typed: str, account_id: int | None) -> sa.Select[Any] | None:
    """Ids of the newest messages (of the account) whose text has the words; None: nothing was typed."""
    words = search.text_words(typed)
    if not words:
        return None
    matching = _MESSAGES.matches(session, words, whole=max(map(len, words)) < _SHORT)
    message_id = matching.selected_columns.id
    if account_id is not None:
        matching = matching.join(Message, Message.id == message_id).where(Message.account_id == account_id)
    return matching.order_by(message_id.desc()).limit(_spelled(_TEXTS))


def _spelled(most: int) -> sa.ColumnClause[int]:
    """Written into the statement: PostgreSQL plans better when it knows the limit."""
    return sa.literal_column(str(most))
