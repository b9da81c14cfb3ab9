"""Fills an empty, migrated database with a made-up clinic, past the ORM: a million messages in a minute or two."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Protocol

import psycopg
from psycopg import sql

from bench.clinic import NOW, STAFF_ID, MadeClinic, Row
from bench.people import name, phone_words
from genko import text

_CHUNK = 20_000  # rows
_BEFORE = str((NOW - timedelta(days=800)).replace(tzinfo=None))

_MESSAGE = (
    "id conversation_id account_id author staff_id body at arrived_at provider_id delivery "
    "notice override error_code problem attempts settled"
)
_CONVERSATION = (
    "id identity_id account_id status created_at name message_count inbound_count failed_count preview "
    "preview_author last_message_at last_inbound_at waiting_since changed_at priority ai_enabled"
)
_ACCOUNT = (
    "id channel external_id label colour fields sealed created_at health last_error failures fetched_until "
    "history history_done"
)

_LEAD = (
    "id first_name last_name phone created_at name_typed notes stage source lost_reason sort_name "
    "stage_changed_at changed_at"
)


class Loader(Protocol):
    message_search: tuple[str, str]  # table and columns
    conversation_search: tuple[str, str]
    lead_search: tuple[str, str]

    def load(self, table: str, columns: str, rows: Iterable[Row]) -> None: ...
    def finish(self) -> None: ...


class SqliteLoader:
    message_search = "message_search", "rowid words"
    conversation_search = "conversation_search", "rowid words"
    lead_search = "lead_search", "rowid words"

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.execute("PRAGMA cache_size=-256000")

    def load(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        names = columns.split()
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        with self._connection:
            self._connection.executemany(statement, rows)

    def finish(self) -> None:
        self._connection.execute("ANALYZE")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()


class PostgresLoader:
    message_search = "message_search", "message_id words"
    conversation_search = "conversation_search", "conversation_id words"
    lead_search = "lead_search", "lead_id words"

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address, autocommit=True)
        # No foreign keys: messages are loaded before their conversations.
        self._connection.execute("SET session_replication_role = replica")
        self._connection.execute("SET synchronous_commit = off")
        self._connection.execute("SET timezone = 'UTC'")

    def load(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, columns.split()))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
        with self._connection.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def finish(self) -> None:
        # COPY leaves the counter of ids alone.
        self._connection.execute("SELECT setval(pg_get_serial_sequence('lead', 'id'), max(id)) FROM lead")
        self._connection.execute("VACUUM ANALYZE")
        self._connection.execute("CHECKPOINT")
        self._connection.close()


def load(loader: Loader, conversations: int) -> None:
    made = MadeClinic(conversations)
    open_clinic(loader)
    for chunk in _chunks(made.messages()):
        loader.load("message", _MESSAGE, [(*row, "", 0, "", "", 0, 1) for row in chunk])
        loader.load(*loader.message_search, [(row[0], _words(str(row[5]).split())) for row in chunk])
    loader.load("lead", _LEAD, ((*row, *_lead(row)) for row in made.leads()))
    loader.load("identity", "id account_id external_id profile_name phone lead_id", made.identities())
    loader.load("conversation", _CONVERSATION, ((*row, "medium", 1) for row in made.conversations()))
    named = ((n, _words([*text.words(name(n)), *phone_words(n)])) for n in range(1, conversations + 1))
    loader.load(*loader.conversation_search, named)
    loader.load("conversation_tally", "account_id status conversations", made.tallies())
    loader.load("conversation_seen", "conversation_id staff_id inbound_seen", made.seen())
    loader.finish()


def open_clinic(loader: Loader) -> None:
    """One person and three accounts, nobody has written yet."""
    loader.load("clinic", "id name time_zone region", [(1, "Clínica Sol", "Europe/Berlin", "DE")])
    person = STAFF_ID, "maria@clinic.example", "Maria", "staff", "!", 1, _BEFORE
    loader.load("staff_member", "id email name role password_hash active created_at", [person])
    loader.load("channel_account", _ACCOUNT, [_account(1), _account(2), _account(3)])


def _account(number: int) -> Row:
    address = number, "whatsapp", f"whatsapp:+4930{number:06d}", f"Desk {number}", "#0f766e", "{}", ""
    return (*address, _BEFORE, "ok", "", 0, _BEFORE, "none", 0)


def _lead(row: Row) -> Row:
    _, first_name, last_name, _, at = row
    return 0, "", "lead", "whatsapp", "", text.sort_name(str(first_name), str(last_name)), at, at


def _words(words: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(words))


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk
