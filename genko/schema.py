"""Brings a database to the program's schema, once, whoever starts first."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from genko.db import Database
from genko.errors import Refused

_LOCK = 7_463_991  # any number that nothing else on this PostgreSQL database uses


def migrate(database: Database, to: str = "head") -> None:
    """Applies what is missing up to a revision; Refused when the database is newer than the program."""
    with _alone(database), database.engine.connect() as connection:
        _refuse_newer(connection)
        config = _config()
        config.attributes["connection"] = connection
        with _tables_may_be_copied(connection), connection.begin():
            _take_your_time(connection)
            command.upgrade(config, to)
            _refuse_lost_references(connection)


def is_current(database: Database) -> bool:
    with database.engine.connect() as connection, connection.begin():
        return MigrationContext.configure(connection).get_current_revision() == _script().get_current_head()


def is_newer(database: Database) -> bool:
    with database.engine.connect() as connection:
        return _is_newer(connection)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _refuse_newer(connection: sa.Connection) -> None:
    if _is_newer(connection):
        raise Refused(
            "This database was made by a newer version of Genkō. Update the program on this machine; nothing was changed."
        )


def _is_newer(connection: sa.Connection) -> bool:
    with connection.begin():
        current = MigrationContext.configure(connection).get_current_revision()
    return current is not None and current not in {one.revision for one in _script().walk_revisions()}


@contextmanager
def _tables_may_be_copied(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by copying and dropping it, which must not delete what refers to its rows."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection  # the pragma is deaf inside a transaction
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _refuse_lost_references(connection: sa.Connection) -> None:
    if (
        connection.dialect.name == "sqlite"
        and connection.execute(sa.text("PRAGMA foreign_key_check")).first()
    ):
        raise RuntimeError("a migration left a row that refers to nothing")


def _take_your_time(connection: sa.Connection) -> None:
    """A migration of a big table, and the wait for it, may outlast what a screen's question may."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Dashboard and worker start together: one migrates, the other waits."""
    if database.dialect == "postgresql":
        with database.engine.connect() as connection, connection.begin():
            _take_your_time(connection)
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield
        return
    path = Path(database.engine.url.database or "genko").with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
