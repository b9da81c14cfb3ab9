"""Where conversations and messages are found: by the person's name or phone, and by the texts."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import search
from genko.messages.models import Conversation, Message

_SHORT = 3  # letters
_PEOPLE, _TEXTS = 2000, 1000  # matches looked at for what is common, the newest first

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


def asked_names(session: Session, typed: str) -> dict[str, Any] | None:
    """The parameters of `conversations_named`; None when nothing was typed."""
    wanted = search.typed_words(typed)
    return _CONVERSATIONS.asked(session, wanted) if wanted else None


def conversations_named(dialect: str, *, of_account: bool) -> sa.Select[Any]:
    """Ids of the newest conversations (of `account`) whose person's name or phone matches."""
    found = _CONVERSATIONS.matching(dialect)
    number = found.selected_columns.id
    if of_account:
        theirs = Conversation.account_id == sa.bindparam("account")
        found = found.join(Conversation, Conversation.id == number).where(theirs)
    # PostgreSQL takes every name for a common one; without the `+ 0` it would read the whole table by its key.
    return found.order_by(sa.desc(number if dialect == "sqlite" else number + 0)).limit(_spelled(_PEOPLE))


def asked_texts(session: Session, typed: str) -> dict[str, Any] | None:
    """The parameters of `messages_saying`; None when nothing was typed."""
    wanted = search.text_words(typed)
    if not wanted:
        return None
    # What nearly everything begins with is looked for as words of their own.
    return _MESSAGES.asked(session, wanted, whole=max(map(len, wanted)) < _SHORT)


def messages_saying(dialect: str, *, of_account: bool) -> sa.Select[Any]:
    """Ids of the newest messages (of `account`) whose text has the words."""
    found = _MESSAGES.matching(dialect)
    number = found.selected_columns.id
    if of_account:
        ours = Message.account_id == sa.bindparam("account")
        found = found.join(Message, Message.id == number).where(ours)
    return found.order_by(number.desc()).limit(_spelled(_TEXTS))


def _spelled(most: int) -> sa.ColumnClause[int]:
    """Not as a parameter: a prepared plan of PostgreSQL would not know it."""
    return sa.literal_column(str(most))
