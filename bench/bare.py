"""A driver connection without anything of ours around it, for SQL written by hand."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

_PRAGMAS = "busy_timeout=15000", "foreign_keys=ON", "synchronous=FULL", "cache_size=-32000"  # as the product


class Bare:
    """Statements name their values `:name`. Commits by itself outside `transaction`."""

    def __init__(self, kind: str, address: str) -> None:
        self.kind = kind
        self._connection: Any = _sqlite(address) if kind == "SQLite" else _postgresql(address)

    def close(self) -> None:
        self._connection.close()

    def rows(self, statement: str, **values: Any) -> list[Any]:
        if self.kind == "SQLite":
            return list(self._connection.execute(statement, values))
        # A searched word decides the plan, so that statement must not be prepared.
        prepare = False if "query" in values else None
        return list(self._connection.execute(_named(statement), values, prepare=prepare))

    def run(self, statement: str, rows: Sequence[dict[str, Any]]) -> None:
        """The same statement for each row, in one go."""
        if rows:
            text = statement if self.kind == "SQLite" else _named(statement)
            self._connection.cursor().executemany(text, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE" if self.kind == "SQLite" else "BEGIN")
        yield
        self._connection.execute("COMMIT")


def _sqlite(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _postgresql(address: str) -> psycopg.Connection[Any]:
    return psycopg.connect(address, autocommit=True, options="-c timezone=UTC")


def _named(statement: str) -> str:
    return re.sub(r":([a-z]\w*)", r"%(\1)s", statement)
