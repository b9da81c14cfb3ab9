"""Word indexes over names, phones and texts. The one place that knows the two databases' full-text search.

SQLite keeps FTS5 tables, PostgreSQL tsvector columns under GIN; both hold text that `text.fold` made plain,
so that they agree about accents and case.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import phone, text

MESSAGE_HITS = 50  # conversations found by their texts
_NAMED = 200  # conversations found by a name or phone
_NEWEST = 2000  # matching messages looked at for a common word, newest first
_LONGEST = 20_000  # characters of one text that are indexed
_LONGEST_WORD = 200  # PostgreSQL refuses words over 2 kB
_MOST_WORDS = 20  # of what was typed; more make a search no finer


def index_messages(session: Session, rows: Sequence[tuple[int, str]]) -> None:
    """Makes (message id, text) findable."""
    found = [_row(session, number, text.words(body[:_LONGEST])) for number, body in rows]
    if found:
        session.execute(_insert(session, "message_search", "message_id"), found)


def index_conversations(session: Session, rows: Sequence[tuple[int, str, str | None]]) -> None:
    """Makes new conversations (id, person's name, phone) findable."""
    found = [
        _row(session, number, [*text.words(name), *_forms(phone_number)])
        for number, name, phone_number in rows
    ]
    if found:
        session.execute(_insert(session, "conversation_search", "conversation_id"), found)


def reindex_conversation(session: Session, conversation_id: int, name: str, phone_number: str | None) -> None:
    key = "rowid" if _is_sqlite(session) else "conversation_id"
    session.execute(sa.text(f"DELETE FROM conversation_search WHERE {key} = :id"), {"id": conversation_id})  # noqa: S608
    index_conversations(session, [(conversation_id, name, phone_number)])


def _forms(phone_number: str | None) -> list[str]:
    spellings = phone.variants(phone_number) if phone_number else []
    return [form for spelling in spellings for form in phone.search_words(spelling)]


def conversations_named(session: Session, typed: str) -> sa.Select[Any] | None:
    """Ids of the newest conversations whose person's name or phone matches; None when nothing was typed."""
    is_number = phone.looks_like_number(typed)
    # +49 (0)151 …: the trunk zero in brackets is not dialled after the country code.
    wanted = [phone.digits(typed.replace("(0)", ""))] if is_number else text.words(typed)
    if not wanted:
        return None
    found = _matches(session, "conversation_search", "conversation_id", wanted)
    number = found.selected_columns.id
    # PostgreSQL takes every name for a common one; without the `+ 0` it would read the whole table by its key.
    return found.order_by(sa.desc(number if _is_sqlite(session) else number + 0)).limit(_NAMED)


def messages_saying(session: Session, typed: str) -> sa.Select[Any] | None:
    """Ids of the newest messages whose text has the words; None when too little was typed to look."""
    wanted = text.words(typed)
    if not wanted or max(map(len, wanted)) < 3:  # noqa: PLR2004 - shorter beginnings match nearly everything
        return None
    found = _matches(session, "message_search", "message_id", wanted)
    return found.order_by(sa.desc("id")).limit(_NEWEST)


def _matches(session: Session, table: str, key: str, words: list[str]) -> sa.Select[Any]:
    wanted = [word[:_LONGEST_WORD] for word in words[:_MOST_WORDS]]
    if _is_sqlite(session):
        query = " ".join(f'"{word}"*' for word in wanted)
        source = sa.table(table, sa.column("rowid", sa.BigInteger))
        match = sa.text(f"{table} MATCH :{table}_query").bindparams(**{f"{table}_query": query})
        return sa.select(source.c.rowid.label("id")).where(match)
    query = " & ".join(f"'{word}':*" for word in wanted)
    source = sa.table(table, sa.column(key, sa.BigInteger))
    # Spelled out in the statement: whether a word is rare decides the plan, and a prepared one would not look.
    spelled = sa.bindparam(f"{table}_query", query, sa.Text, literal_execute=True)
    match = sa.text(f"{table}.words @@ CAST(:{table}_query AS tsquery)").bindparams(spelled)
    return sa.select(source.c[key].label("id")).where(match)


def _row(session: Session, number: int, found: list[str]) -> dict[str, Any]:
    unique = list(dict.fromkeys(word[:_LONGEST_WORD] for word in found))
    return {"id": number, "words": " ".join(unique) if _is_sqlite(session) else unique}


def _insert(session: Session, table: str, key: str) -> sa.TextClause:
    if _is_sqlite(session):
        return sa.text(f"INSERT INTO {table} (rowid, words) VALUES (:id, :words)")  # noqa: S608
    return sa.text(f"INSERT INTO {table} ({key}, words) VALUES (:id, array_to_tsvector(:words))")  # noqa: S608


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
