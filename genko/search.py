"""Word indexes. The one place that knows the two databases' full-text search.

SQLite keeps FTS5 tables, PostgreSQL tsvector columns under GIN; both hold text that `text.fold` made plain,
so that they agree about accents and case.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import phone, text

_LONGEST = 20_000  # characters of one text that are indexed
_LONGEST_WORD = 200  # PostgreSQL refuses words over 2 kB
_MOST_WORDS = 20  # of what was typed; more make a search no finer
_APOSTROPHES = re.compile(r"(?<=\w)['\u2019](?=\w)")
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


@dataclass(frozen=True)
class Index:
    """A search table beside the table it searches; `key` is the column that holds the other one's id."""

    table: str
    key: str

    def add(self, session: Session, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Makes (id, words) findable."""
        if not rows:
            return
        found = [(number, " ".join(_indexed(words))) for number, words in rows]
        if is_sqlite(session):
            values: Any = [{"id": number, "words": words} for number, words in found]
        else:
            values = {"ids": [number for number, _ in found], "words": [words for _, words in found]}
        session.connection().execute(_adding(self, _dialect(session)), values)

    def replace(self, session: Session, number: int, words: Sequence[str]) -> None:
        self.remove(session, number)
        self.add(session, [(number, words)])

    def remove(self, session: Session, *numbers: int) -> None:
        key = "rowid" if is_sqlite(session) else self.key
        delete = sa.text(f"DELETE FROM {self.table} WHERE {key} = :id")  # noqa: S608
        session.execute(delete, [{"id": one} for one in numbers])

    def remove_contentless(self, session: Session, row_id: int, words: Sequence[str]) -> None:
        """`remove` for an index that SQLite keeps without its content: to forget a row, it has to be told the words."""
        if not is_sqlite(session):
            self.remove(session, row_id)
            return
        columns = f"{self.table} ({self.table}, rowid, words)"
        forget = sa.text(f"INSERT INTO {columns} VALUES ('delete', :id, :words)")  # noqa: S608
        session.execute(forget, {"id": row_id, "words": " ".join(_indexed(words))})

    def matches(self, session: Session, words: list[str], *, whole: bool = False) -> sa.Select[Any]:
        """Ids, as column `id`, whose words begin with all of these, or are all of these when `whole`."""
        sqlite = is_sqlite(session)
        query = f"{self.table}_query"  # two indexes may be asked in one statement
        key = "rowid" if sqlite else self.key
        match = (
            f"{self.table} MATCH :{query}" if sqlite else f"{self.table}.words @@ CAST(:{query} AS tsquery)"
        )
        # Spelled out for PostgreSQL: whether a word is rare decides the plan, and a prepared one would not look.
        spelled = sa.bindparam(
            query, _query(_dialect(session), words, whole=whole), sa.Text, literal_execute=not sqlite
        )
        source = sa.table(self.table, sa.column(key, sa.BigInteger))
        return sa.select(source.c[key].label("id")).where(sa.text(match).bindparams(spelled))

    def narrowed(self, session: Session, number: Any, typed: str) -> list[sa.ColumnElement[bool]]:
        """For a list of people by their ids."""
        words = sought(typed)
        if words is None:
            return []
        return [number.in_(sa.select(self.matches(session, words).subquery().c.id)) if words else sa.false()]


@cache
def _adding(index: Index, dialect: str) -> sa.TextClause:
    if dialect == "sqlite":
        return sa.text(f"INSERT INTO {index.table} (rowid, words) VALUES (:id, :words)")  # noqa: S608
    return sa.text(
        f"INSERT INTO {index.table} ({index.key}, words) "  # noqa: S608
        "SELECT id, array_to_tsvector(string_to_array(words, ' ')) "
        "FROM unnest(CAST(:ids AS bigint[]), CAST(:words AS text[])) AS given (id, words)"
    )


def _query(dialect: str, words: list[str], *, whole: bool = False) -> str:
    wanted = [word[:_LONGEST_WORD] for word in words[:_MOST_WORDS]]
    if dialect == "sqlite":
        return " ".join(f'"{word}"{"" if whole else "*"}' for word in wanted)
    return " & ".join(f"'{word}'{'' if whole else ':*'}" for word in wanted)


@lru_cache(maxsize=2000)
def person_words(name: str, phone_number: str | None, email: str | None = None) -> tuple[str, ...]:
    """Under which a person is found: the name as people spell it, the phone's spellings (E.164), the email.

    Remembered: who writes for the first time becomes a conversation and a lead.
    """
    joined = _APOSTROPHES.sub("", name)
    names = [name, *([joined] if joined != name else []), name.casefold().translate(_WRITTEN_OUT)]
    spellings = phone.variants(phone_number) if phone_number else []
    numbers = [form for spelling in spellings for form in phone.search_words(spelling)]
    return *(word for one in names for word in text.words(one)), *numbers, *text.words(email or "")


def typed_words(typed: str) -> list[str]:
    """What somebody looks for: one number, if it looks like a phone's, else words."""
    if phone.looks_like_number(typed):
        # +49 (0)151 …: the trunk zero in brackets is not dialled after the country code.
        return [phone.digits(typed.replace("(0)", ""))]
    return text.words(_APOSTROPHES.sub("", typed))


def sought(typed: str) -> list[str] | None:
    """In a list of people: None leaves all of them, no words (signs without a letter or digit) nobody."""
    return typed_words(typed) if typed.strip() else None


def text_words(body: str) -> list[str]:
    return text.words(body[:_LONGEST])


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def is_sqlite(session: Session) -> bool:
    return _dialect(session) == "sqlite"


def _indexed(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(word[:_LONGEST_WORD] for word in words))
