"""A database is brought to the program's schema once, by whoever comes first."""

from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest
import sqlalchemy as sa

from genko import schema
from genko.db import Base, Database
from genko.errors import Refused


def migrate(url: str) -> None:
    schema.migrate(Database(url))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new/genko.sqlite3"
        return
    server = sa.make_url(request.getfixturevalue("postgresql_server"))
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("DROP DATABASE IF EXISTS fresh WITH (FORCE)"))
        connection.execute(sa.text("CREATE DATABASE fresh"))
    yield server.set(database="fresh").render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.text("DROP DATABASE fresh WITH (FORCE)"))
    engine.dispose()


def test_migrating_twice_is_migrating_once(empty_url: str) -> None:
    database = Database(empty_url)
    schema.migrate(database)
    assert schema.is_current(database)
    schema.migrate(database)
    assert schema.is_current(database)
    made = set(sa.inspect(database.engine).get_table_names())
    assert set(Base.metadata.tables) <= made
    database.close()


def test_two_processes_that_start_together_both_find_it_ready(empty_url: str) -> None:
    starts = [get_context("forkserver").Process(target=migrate, args=(empty_url,)) for _ in range(2)]
    for start in starts:
        start.start()
    for start in starts:
        start.join(60)
    assert [start.exitcode for start in starts] == [0, 0]
    database = Database(empty_url)
    assert schema.is_current(database)
    database.close()


def test_a_newer_schema_is_refused_in_words_and_left_alone(empty_url: str) -> None:
    database = Database(empty_url)
    schema.migrate(database)
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused, match="made by a newer version"):
        schema.migrate(database)
    assert not schema.is_current(database)
    with database.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "9999"
    database.close()
