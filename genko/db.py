"""The database: one a process, transactions at the edge, times in UTC.

Verbs take a Session and never commit; `transaction()` is opened around them by the edges.
"""

import json
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast

import sqlalchemy as sa
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

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], datetime | None]:  # noqa: ARG002
        """In place of `process_result_value`: a page of rows has hundreds of times, and this takes half as long."""
        return _from_text if dialect.name == "sqlite" else _in_utc


_ZONE = "+00:00"


def _from_text(value: str | None) -> datetime | None:
    if value is None:
        return None
    # Quicker than to put the zone in afterwards. SQLAlchemy stores none; SQL written by hand may have.
    return datetime.fromisoformat(value if value.endswith(_ZONE) else value + _ZONE)


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


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


class _TextEnum(sa.TypeDecorator[Any]):
    impl = sa.Enum
    cache_ok = True

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002
        """As for times: the members by their texts, past the type's own looks for texts that are none."""
        kind = cast("sa.Enum", self.impl).enum_class
        return {None: None, **{member.value: member for member in kind or ()}}.__getitem__


def text_enum(kind: type) -> _TextEnum:
    """A StrEnum stored as its text, without a database type that migrations would have to alter."""
    return _TextEnum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=20,
        values_callable=lambda e: [m.value for m in e],
    )


_OVERTAKEN = {"40001", "40P01"}  # PostgreSQL: could not serialize, deadlock
_TRIES = 3
_Result = TypeVar("_Result")


class Database:
    """Its three kinds of session, each with connections of its own where that pays."""

    def __init__(self, url: str) -> None:
        self.engine, self.reader, self.glancer = _engines(url)
        self._write = orm.sessionmaker(self.engine, expire_on_commit=False)
        self._read = _sessions_of_looks(self.reader)
        self._glance = _sessions_of_looks(self.glancer)

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[orm.Session]:
        """Everything inside happens, or nothing does."""
        with self._write.begin() as session:
            yield session

    def attempt(self, work: Callable[[orm.Session], _Result]) -> _Result:
        """`work` in a transaction, once more where somebody else was changing the same: of two, PostgreSQL ends one."""
        for _ in range(_TRIES - 1):
            try:
                with self.transaction() as session:
                    return work(session)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", "") not in _OVERTAKEN:
                    raise
        with self.transaction() as session:
            return work(session)

    def reading(self) -> AbstractContextManager[orm.Session]:
        """A look that sees one moment and never writes."""
        return self._look(self._read)

    def glance(self) -> AbstractContextManager[orm.Session]:
        """A look whose statements see a moment each: it saves the two ways to the server that a transaction takes."""
        return self._look(self._glance)

    @contextmanager
    def _look(self, sessions: orm.sessionmaker[orm.Session]) -> Iterator[orm.Session]:
        with sessions() as session:
            yield session
            session.expunge_all()
            session.commit()  # psycopg forgets its prepared statements at a rollback

    def close(self) -> None:
        for engine in (self.engine, self.reader, self.glancer):
            engine.dispose()


def _sessions_of_looks(engine: sa.Engine) -> orm.sessionmaker[orm.Session]:
    """PostgreSQL refuses to write in a look; SQLite would."""
    sessions = orm.sessionmaker(engine, expire_on_commit=False)

    @sa.event.listens_for(sessions, "before_flush")
    def _refuse(*_: object) -> None:
        raise RuntimeError("a look does not write")

    return sessions


_RESTED = 0.25  # seconds without use; no server starts anew within them


def _engines(url: str) -> tuple[sa.Engine, sa.Engine, sa.Engine]:
    """For what is written, for a look at one moment, and for a glance."""
    try:
        dialect = sa.make_url(url).get_dialect().name
    except (sa.exc.ArgumentError, ImportError, ValueError):
        dialect = ""
    if dialect == "sqlite":
        engine = _sqlite_engine(url)
        return engine, engine.execution_options(begin="BEGIN"), engine.execution_options(begin="")
    if dialect != "postgresql":
        raise Refused(
            "GENKO_DATABASE_URL is no address of a database that Genkō knows, such as postgresql://user:password@host/name."
        )
    # A pool each: a connection that changed its ways at every look would take as long as a small statement.
    return (
        _postgresql_engine(url, "READ COMMITTED"),
        _postgresql_engine(url, "REPEATABLE READ", only_reads=True),
        _postgresql_engine(url, "AUTOCOMMIT", only_reads=True),
    )


def _postgresql_engine(url: str, isolation: str, *, only_reads: bool = False) -> sa.Engine:
    options = {
        "statement_timeout": "30000",
        "idle_in_transaction_session_timeout": "60000",
        "timezone": "UTC",
        "default_transaction_read_only": "on" if only_reads else "off",
    }
    engine = sa.create_engine(
        url,
        isolation_level=isolation,
        hide_parameters=True,  # they are patients' words, and errors are logged
        pool_size=4,
        max_overflow=4 if only_reads else 12,  # writers may have to wait for each other
        pool_pre_ping=not only_reads,  # of two looks one may fail, what a person does must not
        pool_recycle=1800,
        pool_use_lifo=True,  # few connections, and those in steady use
        connect_args={
            "connect_timeout": 5,
            "application_name": "genko",
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
    )
    if only_reads:
        _ping_the_rested(engine)
    return engine


def _ping_the_rested(engine: sa.Engine) -> None:
    """In place of `pool_pre_ping`, which asks at every look whether a database is there that has answered a moment ago."""

    @sa.event.listens_for(engine, "checkin")
    def _note(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used", time.monotonic()) < _RESTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.InvalidatePoolError from error  # the others are gone too; the pool connects anew


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
        if begin := connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"):
            connection.exec_driver_sql(begin)

    return engine


def _owner_only(path: str) -> None:
    for name in (path, f"{path}-wal", f"{path}-shm"):
        if os.path.exists(name):  # noqa: PTH110 - called for every connection
            os.chmod(name, 0o600)  # noqa: PTH101


def insert(session: orm.Session, table: type[Base] | sa.Table) -> postgresql.Insert | sqlite.Insert:
    """The dialect's INSERT, which knows ON CONFLICT."""
    return dialect_insert(dialect_of(session), table)


def dialect_insert(dialect: str, table: type[Base] | sa.Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def table(kind: type[Base]) -> sa.Table:
    """For statements past the mapping layer."""
    return cast("sa.Table", kind.__table__)


def run(
    session: orm.Session, statement: sa.Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> sa.CursorResult[*tuple[Any, ...]]:
    """Past the mapping layer: a statement that was built once then costs hardly more than what the database takes."""
    session.flush()
    return session.connection().execute(statement, values)


def insert_all(
    session: orm.Session,
    kind: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *returning: str,
    once: tuple[str, ...] | None = None,
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Rows that name the same columns, and what the database made of them, in no order. `once` skips those whose unique
    columns are there already.
    """
    if not rows:
        return []
    dialect = dialect_of(session)
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]] = rows
    if dialect == "postgresql":
        # One array a column: psycopg takes longer to write down a parameter for each value than it takes to store them.
        values = {name: [row[name] for row in rows] for name in rows[0]}
    done = run(session, _inserting(dialect, kind, tuple(rows[0]), returning, once), values)
    return done.all() if returning else []


@cache
def _inserting(
    dialect: str,
    kind: type[Base],
    names: tuple[str, ...],
    returning: tuple[str, ...],
    once: tuple[str, ...] | None,
) -> sa.Executable:
    into = table(kind)
    statement = dialect_insert(dialect, into)
    if dialect == "postgresql":
        columns = [into.c[name] for name in names]
        given = [sa.bindparam(one.name, type_=postgresql.ARRAY(one.type)) for one in columns]
        fields = [sa.column(one.name, one.type) for one in columns]
        each = sa.func.unnest(*given).table_valued(*fields).render_derived()
        statement = statement.from_select(names, sa.select(*each.c))
    if once is not None:
        statement = statement.on_conflict_do_nothing(index_elements=once)
    return statement.returning(*(into.c[name] for name in returning)) if returning else statement


_Row = TypeVar("_Row", bound=Base)


def locked(session: orm.Session, kind: type[_Row], key: Any) -> _Row | None:
    """The row as it is now, whatever this session has read before, kept so until the transaction ends."""
    session.flush()
    return session.get(kind, key, with_for_update=True, populate_existing=True)


def read_anew(session: orm.Session, kind: type[Base], key: Any) -> None:
    """After `run` has changed a row that this session may hold."""
    held = session.identity_map.get(orm.util.identity_key(kind, key))
    if held is not None:
        session.refresh(held)


Column = sa.ColumnElement[Any] | orm.InstrumentedAttribute[Any]


def among(dialect: str, column: Column, name: str) -> sa.ColumnElement[bool]:
    """`column IN (…)` with one parameter of that name, `listed` values: one statement for any number of them."""
    if dialect == "postgresql":
        return column == sa.any_(sa.bindparam(name, type_=postgresql.ARRAY(column.type)))
    given = sa.func.json_each(sa.bindparam(name, type_=sa.Text)).table_valued("value")
    return column.in_(sa.select(given.c.value))


def listed(dialect: str, values: Collection[Any]) -> list[Any] | str:
    """Ids and texts only."""
    return list(values) if dialect == "postgresql" else json.dumps(list(values))


def dialect_of(session: orm.Session) -> str:
    return session.get_bind().dialect.name


_Item = TypeVar("_Item")


def parts(items: Iterable[_Item], size: int = 500) -> Iterator[list[_Item]]:
    """Databases limit the parameters of one statement."""
    left = list(items)
    for start in range(0, len(left), size):
        yield left[start : start + size]


def staff_sentence(error: DBAPIError | sa.exc.TimeoutError) -> str:
    """What a failing database means to staff. Never the statement, whose parameters are patient data."""
    reason = str(getattr(error, "orig", ""))
    if "disk is full" in reason or "No space left" in reason:
        return (
            "The disk is full: nothing new can be stored. Free some space; nothing that was stored is lost."
        )
    if getattr(getattr(error, "orig", None), "sqlstate", "") in _OVERTAKEN:
        return "Somebody else was changing the same in this moment. Nothing was changed here; try again."
    return "The database cannot be reached right now. Nothing is lost; try again in a moment."
