"""The database: one a process, transactions at the edge, times in UTC.

Verbs take a Session and never commit; `transaction()` is opened around them by the edges.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

import sqlalchemy as sa
import stamina
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError

from genko.errors import Refused

# The primary key type: 64 bits on PostgreSQL, SQLite's own rowid on SQLite.
BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")

Session = orm.Session  # for those who may not import SQLAlchemy
DatabaseDown = (OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Refuses naive times on the way in, gives aware UTC times on the way out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        # SQLite stores no zone.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(orm.MappedAsDataclass, orm.DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime(), str: sa.Text()}  # noqa: RUF012 - SQLAlchemy reads a plain dict


def text_enum(kind: type[StrEnum]) -> sa.Enum:
    """A StrEnum stored as its text, without a database type that migrations would have to alter."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


_OVERTAKEN = {"40001", "40P01"}  # PostgreSQL: could not serialize, deadlock
# stamina's log line would repeat the database's own words, in which a patient may be named.
stamina.instrumentation.set_on_retry_hooks(())


def _is_overtaken(error: Exception) -> bool:
    return getattr(getattr(error, "orig", None), "sqlstate", "") in _OVERTAKEN


_retry_when_overtaken = stamina.RetryingCaller(
    attempts=3, timeout=None, wait_initial=0.01, wait_jitter=0.05
).on(_is_overtaken)
_Result = TypeVar("_Result")


class Database:
    """Two kinds of session: `transaction()` writes, `reading()` sees one moment and never writes."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._write = orm.sessionmaker(self.engine, expire_on_commit=False)
        self._read = orm.sessionmaker(_reading(self.engine), expire_on_commit=False)
        sa.event.listen(self._read, "before_flush", _refuse_to_write)

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[orm.Session]:
        """Everything inside happens, or nothing does."""
        with self._write.begin() as session:
            yield session

    def attempt(self, work: Callable[[orm.Session], _Result]) -> _Result:
        """Does the work in a transaction, again when PostgreSQL ended it for blocking another one."""

        def once() -> _Result:
            with self.transaction() as session:
                return work(session)

        return _retry_when_overtaken(once)

    @contextmanager
    def reading(self) -> Iterator[orm.Session]:
        """All statements inside see the database as it was at the first one."""
        # It commits: psycopg forgets its prepared statements at a rollback.
        with self._read.begin() as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _reading(engine: sa.Engine) -> sa.Engine:
    """The same connections, for transactions that see one moment. PostgreSQL itself then refuses to write."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(begin="BEGIN")
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _refuse_to_write(*_: object) -> None:
    raise RuntimeError("a reading session does not write")


def _engine(url: str) -> sa.Engine:
    try:
        dialect = sa.make_url(url).get_dialect().name
    except (sa.exc.ArgumentError, ImportError, ValueError):
        dialect = ""
    if dialect == "sqlite":
        return _sqlite_engine(url)
    if dialect == "postgresql":
        return _postgresql_engine(url)
    raise Refused(
        "GENKO_DATABASE_URL is no address of a database that Genkō knows, such as postgresql://user:password@host/name."
    )


def _postgresql_engine(url: str) -> sa.Engine:
    options = {
        "statement_timeout": "30000",
        "idle_in_transaction_session_timeout": "60000",
        "timezone": "UTC",
    }
    return sa.create_engine(
        url,
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # they are patients' words, and errors are logged
        pool_size=4,
        max_overflow=16,  # writers may have to wait for each other
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_use_lifo=True,  # few connections, and those in steady use
        connect_args={
            "connect_timeout": 5,
            "application_name": "genko",
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
    )


def _sqlite_engine(url: str) -> sa.Engine:
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": 15, "check_same_thread": False},
        pool_size=20,
        max_overflow=20,
    )
    path = engine.url.database or ""

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the begin hook below says BEGIN, not the driver
        for pragma in (
            "journal_mode=WAL",
            "busy_timeout=15000",
            "foreign_keys=ON",
            "synchronous=FULL",
            "cache_size=-32000",
        ):
            connection.execute(f"PRAGMA {pragma}")
        _owner_only(path)

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A deferred transaction that turns from reading to writing fails at once when somebody else writes,
        # whatever the busy timeout; writers therefore queue up at BEGIN.
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"))

    return engine


def _owner_only(path: str) -> None:
    for name in (path, f"{path}-wal", f"{path}-shm"):
        if os.path.exists(name):  # noqa: PTH110 - called for every connection
            os.chmod(name, 0o600)  # noqa: PTH101


def insert(session: orm.Session, table: type[Base] | sa.Table) -> postgresql.Insert | sqlite.Insert:
    """The dialect's INSERT, which knows ON CONFLICT."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if is_sqlite else postgresql.insert(table)


def insert_all(
    session: orm.Session,
    kind: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *returning: str,
    once: Sequence[str] = (),
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Many rows in few statements; returns the named columns of those that were stored, in no order.

    All rows name the same columns. A row whose columns `once` are stored already is left out.
    """
    if not rows:
        return []
    session.flush()
    table = cast("sa.Table", kind.__table__)
    statement = insert(session, table)
    if once:
        statement = statement.on_conflict_do_nothing(index_elements=once)
    if not returning:
        session.execute(statement, rows)
        return []
    return session.execute(statement.returning(*(table.c[name] for name in returning)), rows).all()


_Row = TypeVar("_Row", bound=Base)


def locked(session: orm.Session, kind: type[_Row], key: Any) -> _Row | None:
    """The row as it is now, whatever this session has read before, kept so until the transaction ends."""
    session.flush()
    return session.get(kind, key, with_for_update=True, populate_existing=True)


_Item = TypeVar("_Item")


def in_batches(items: Iterable[_Item], size: int = 500) -> Iterator[list[_Item]]:
    """Databases limit the parameters of one statement."""
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def staff_sentence(error: DBAPIError | sa.exc.TimeoutError) -> str:
    """What a failing database means to staff. Never the statement, whose parameters are patient data."""
    reason = str(getattr(error, "orig", ""))
    if "disk is full" in reason or "No space left" in reason:
        return (
            "The disk is full: nothing new can be stored. Free some space; nothing that was stored is lost."
        )
    if _is_overtaken(error):
        return "Somebody else was changing the same in this moment. Nothing was changed here; try again."
    return "The database cannot be reached right now. Nothing is lost; try again in a moment."
