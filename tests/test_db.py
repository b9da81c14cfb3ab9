"""Transactions, times and the two databases."""

import importlib
import pkgutil
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.util import AliasedClass

import genko
from genko import clock, db
from genko.db import Database, DatabaseDown, Session
from genko.worker_leases import Heartbeat
from tests.steps import at_once


def beat(worker: str, at: datetime) -> Heartbeat:
    return Heartbeat(worker=worker, at=at, started_at=at)


def test_all_of_a_transaction_happens_or_nothing(database: Database) -> None:
    def break_off() -> None:
        with database.transaction() as session:
            session.add(beat("w", clock.now()))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with database.reading() as session:
        assert session.scalars(sa.select(Heartbeat)).all() == []


def test_a_time_comes_back_in_utc_and_a_naive_one_is_refused(database: Database) -> None:
    there = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=5)))
    with database.transaction() as session:
        session.add(beat("w", there))
    with database.reading() as session:
        [kept] = session.scalars(sa.select(Heartbeat))
    assert kept.at == there
    assert kept.at.utcoffset() == timedelta()
    with pytest.raises(sa.exc.StatementError), database.transaction() as session:
        session.add(beat("x", datetime(2026, 3, 2, 9)))


def test_ten_writers_at_once_wait_for_each_other(database: Database) -> None:
    def write(number: int) -> None:
        for turn in range(5):
            with database.transaction() as session:
                session.scalar(sa.select(sa.func.count()).select_from(Heartbeat))
                session.add(beat(f"{number}.{turn}", clock.now()))

    at_once(*[lambda n=n: write(n) for n in range(10)])
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Heartbeat)) == 50


def test_a_reading_session_does_not_write(database: Database) -> None:
    with pytest.raises(RuntimeError, match="does not write"), database.reading() as session:
        session.add(beat("w", clock.now()))
    with database.reading() as session:
        assert session.scalars(sa.select(Heartbeat)).all() == []


def test_a_database_that_is_not_there_is_down_and_said_so_without_its_password(tmp_path: Path) -> None:
    for url in (
        "postgresql+psycopg://u:hush@127.0.0.1:9/d",
        f"sqlite:///{tmp_path}/no/such/folder/x.sqlite3",
    ):
        with pytest.raises(DatabaseDown) as caught, Database(url).transaction() as session:
            session.execute(sa.select(1))
        sentence = db.staff_sentence(caught.value)
        assert "cannot be reached" in sentence
        assert "hush" not in sentence


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_server_itself_refuses_to_write_in_a_reading_session(database: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only"), database.reading() as session:
        session.execute(sa.delete(Heartbeat))
    with database.transaction() as session:  # on the same connection
        session.execute(sa.delete(Heartbeat))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has no server
@pytest.mark.parametrize("kind", ["reading", "transaction"])
def test_a_server_that_was_started_anew_is_found_again(database: Database, kind: str) -> None:
    def select_one() -> int | None:
        with getattr(database, kind)() as session:
            return session.scalar(sa.select(1))

    assert select_one() == 1
    _restart(database)
    assert select_one() == 1


def _restart(database: Database) -> None:
    """As far as our connections feel it."""
    other = sa.create_engine(database.engine.url)
    with other.begin() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'genko'"
            )
        )
    other.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one lock
def test_of_two_who_block_each_other_one_is_told_so(database: Database) -> None:
    both = Barrier(2)

    def take(first: int, second: int) -> str:
        try:
            with database.transaction() as session:
                session.execute(_TAKE, {"lock": first})
                both.wait()
                session.execute(_TAKE, {"lock": second})
        except DatabaseDown as error:
            return db.staff_sentence(error)
        return ""

    said = sorted(at_once(lambda: take(1, 2), lambda: take(2, 1)))
    assert said[0] == ""
    assert "Somebody else was changing the same" in said[1]


@pytest.mark.slow
def test_of_two_who_block_each_other_the_second_is_tried_again(postgresql_server: str) -> None:
    database, both = Database(postgresql_server), Barrier(2, timeout=20)
    tries: list[int] = []

    def take(first: int, second: int) -> None:
        def work(session: Session) -> None:
            tries.append(first)
            session.execute(_TAKE, {"lock": first})
            if len(tries) < 3:  # the first try of both
                both.wait()
            session.execute(_TAKE, {"lock": second})

        database.attempt(work)

    at_once(lambda: take(1, 2), lambda: take(2, 1))
    assert len(tries) == 3
    database.close()


_TAKE = sa.text("SELECT pg_advisory_xact_lock(:lock)")


def test_the_embedded_database_is_its_owners_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/genko.sqlite3")
    with database.transaction() as session:
        session.execute(sa.text("CREATE TABLE t (x INTEGER)"))
    database_files = list(tmp_path.glob("genko.sqlite3*"))
    assert {stat.S_IMODE(one.stat().st_mode) for one in database_files} == {0o600}
    database.close()


def test_what_a_statement_was_about_is_in_no_error(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.reading() as session:
        session.execute(sa.text("SELECT nonsense FROM nowhere WHERE x = :words"), {"words": "It hurts"})
    assert "It hurts" not in str(caught.value)


def test_a_reading_session_sees_one_moment(database: Database) -> None:
    counted = sa.select(sa.func.count()).select_from(Heartbeat)
    with database.reading() as session:
        assert session.scalar(counted) == 0
        with database.transaction() as other:
            other.add(beat("w", clock.now()))
        assert session.scalar(counted) == 0


def test_no_alias_is_shared_by_threads() -> None:
    """SQLAlchemy fills an alias when it is first used. Two threads that do so at once can leave the entity's own column
    in it for good; a worker with two accounts then sent no second message of a conversation until it was restarted."""
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(genko.__path__, "genko.")
        if ".migrations." not in module.name and not module.name.endswith(".__main__")
    ]
    assert len(modules) > 50
    shared = [
        f"{module.__name__}.{name}"
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, AliasedClass)
    ]
    assert shared == []
