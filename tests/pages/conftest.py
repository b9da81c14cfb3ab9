"""A running Genkō: a dashboard process, a worker, a browser, and a patient's phone.

A dashboard takes seconds to start, so each test process starts one for each kind of database and keeps it; the
database and the sandbox are emptied before every test.
"""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect

from genko import vault
from genko.access import passwords, sessions
from genko.access.models import StaffMember
from genko.channels import registry
from genko.channels.accounts import Connector
from genko.db import Database
from genko.settings import Settings
from scheduler.__main__ import run
from scheduler.jobs import jobs
from scheduler.worker import Worker
from tests.factories import Clinic
from tests.sandbox_client import SID, Sandbox

PASSWORD = "an easy one for tests"
PHONE = "+491510000001"
POLL = 0.4  # seconds
expect.set_options(timeout=15_000)  # ms; a deadline for busy machines, not a pause

# The money path runs on both databases, the rest of the screens on one.
sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def wait_until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Looks again and again until it is so; fails at the deadline."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "this did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def main_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's runner takes the place of this process's main module, which processes that are started later read."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@dataclass
class House:
    """What the tests of one process share."""

    folder: Path
    sandbox: Sandbox
    keys: str
    dashboards: dict[str, "Dashboard"] = field(default_factory=dict)

    def settings(self, database_url: str) -> Settings:
        return Settings(
            data_dir=self.folder,
            database_url=database_url,
            sealing_keys=self.keys,
            base_urls=registry.every_base_url(self.sandbox.base_url),
        )

    def dashboard(self, database_url: str) -> "Dashboard":
        found = self.dashboards.get(database_url)
        if found is None or found.process.poll() is not None:
            found = self.dashboards[database_url] = Dashboard.start(self.settings(database_url))
        return found


@dataclass
class Dashboard:
    base_url: str
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, settings: Settings) -> "Dashboard":
        port = _free_port()
        environment = {
            **os.environ,
            "GENKO_DATA_DIR": str(settings.data_dir),
            "GENKO_DATABASE_URL": settings.database_url.get_secret_value(),
            "GENKO_SEALING_KEYS": settings.sealing_keys.get_secret_value(),
            **settings.base_url_environment(),
            "GENKO_PORT": str(port),
            "GENKO_POLL_SECONDS": str(POLL),
        }
        log = settings.data_dir / f"dashboard-{port}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "pages"], env=environment, stdout=out, stderr=out
            )
        dashboard = cls(f"http://127.0.0.1:{port}", environment, log, process)
        wait_until(lambda: _answers(f"{dashboard.base_url}/healthz") or process.poll() is not None, 60)
        assert process.poll() is None, log.read_text()
        return dashboard


@dataclass
class Running:
    """Genkō on the database of this test."""

    clinic: Clinic
    dashboard: Dashboard
    settings: Settings
    begun_at: int  # where this test's part of the dashboard's log begins
    stop: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return self.dashboard.base_url

    def start_worker(self) -> None:
        """The worker's real jobs and pace, on a thread: a process would take two seconds more to start."""
        worker = Worker(Database(self.settings.database_address), self.clinic.connector)
        thread = threading.Thread(target=run, args=(worker, jobs(POLL), self.stop), daemon=True)
        thread.start()
        self.threads.append(thread)

    def said(self) -> str:
        """All that the dashboard wrote to its log during this test."""
        return self.dashboard.log.read_bytes()[self.begun_at :].decode()

    def stop_worker(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(15)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, served: Sandbox) -> Iterator[House]:
    shared = House(tmp_path_factory.mktemp("house"), served, vault.new_key())
    yield shared
    for dashboard in shared.dashboards.values():
        dashboard.process.send_signal(signal.SIGTERM)
    for dashboard in shared.dashboards.values():
        try:
            dashboard.process.wait(15)
        except subprocess.TimeoutExpired:
            dashboard.process.kill()
            dashboard.process.wait()


@pytest.fixture
def database_url(database_url: str, house: House) -> str:
    """The same database in every test, emptied: the dashboard keeps it open."""
    if not database_url.startswith("sqlite"):
        return database_url
    path = house.folder / "genko.sqlite3"
    with (
        closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as empty,
        closing(sqlite3.connect(path, timeout=20)) as ours,
    ):
        ours.execute("PRAGMA journal_mode=WAL")
        empty.backup(ours)
    return f"sqlite:///{path}"


@pytest.fixture
def settings(house: House, database_url: str) -> Settings:
    return house.settings(database_url)


@pytest.fixture
def connector(settings: Settings) -> Connector:
    return Connector(settings, vault.open_vault(settings))


@cache
def _hash() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def genko(clinic: Clinic, settings: Settings, house: House) -> Iterator[Running]:
    """The dashboard is up and Ada, Maria and Vic have a password; the worker is the test's to start."""
    with clinic.database.transaction() as session:
        session.execute(sa.update(StaffMember).values(password_hash=_hash()))
    dashboard = house.dashboard(settings.database_url.get_secret_value())
    genko = Running(clinic, dashboard, settings, dashboard.log.stat().st_size)
    yield genko
    genko.stop_worker()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Windows:
    """Browser windows, each with its own cookies, all closed at the end of the test."""

    browser: Browser
    genko: Running
    idle: dict[str, list[BrowserContext]]  # emptied ones, by what they were made with
    taken: list[tuple[str, BrowserContext]] = field(default_factory=list)

    def blank(self, width: int = 1440, height: int = 900, **more: object) -> Page:
        made_with = repr(sorted(more.items()))
        waiting = self.idle.setdefault(made_with, [])
        context = waiting.pop() if waiting else self._new_context(**more)
        context.set_default_timeout(20_000)
        self.taken.append((made_with, context))
        page = context.pages[0] if context.pages else context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        return page

    def _new_context(self, **more: object) -> BrowserContext:
        """Of somebody who has asked their system for less motion: pictures between two states cost time and show nothing."""
        return self.browser.new_context(locale="en-GB", reduced_motion="reduce", **more)

    def give_back(self) -> None:
        """What a browser remembers of people goes; the program's own files, which take seconds to load, stay."""
        for made_with, context in self.taken:
            context.clear_cookies()
            for page in context.pages[1:]:
                page.close()
            for page in context.pages:
                page.goto("about:blank")
                remembered = {"origin": self.genko.base_url, "storageTypes": "local_storage"}
                window = context.new_cdp_session(page)
                window.send("Storage.clearDataForOrigin", remembered)
                window.detach()
            self.idle[made_with].append(context)

    def sign_in(self, staff_id: int, path: str = "/admin/messages", **more: object) -> Page:
        """A page of somebody who has signed in already."""
        page = self.blank(**more)
        with self.genko.clinic.database.transaction() as session:
            token = sessions.begin(session, staff_id, address="127.0.0.1")
        page.context.add_cookies([{"name": "genko_session", "value": token, "url": self.genko.base_url}])
        page.goto(self.genko.base_url + path)
        return page

    def inbox(self, staff_id: int | None = None, path: str = "/admin/messages", **more: object) -> Page:
        """Maria's Messages screen, or somebody else's, ready to be used."""
        page = self.sign_in(staff_id or self.genko.clinic.maria, path, **more)
        page.locator(".st-key-list .root, .st-key-thread .root").first.wait_for(state="attached")
        return page


@pytest.fixture(scope="session")
def idle_windows() -> dict[str, list[BrowserContext]]:
    return {}


@pytest.fixture
def windows(
    browser: Browser, genko: Running, idle_windows: dict[str, list[BrowserContext]]
) -> Iterator[Windows]:
    opened = Windows(browser, genko, idle_windows)
    yield opened
    opened.give_back()


@pytest.fixture
def inbox(windows: Windows) -> Page:
    """Maria's open Messages screen."""
    return windows.inbox()


@pytest.fixture
def phone(windows: Windows, genko: Running) -> Page:
    """A patient's phone, open on the chat with the clinic."""
    genko.clinic.sandbox.patient(PHONE, name="Ana Díaz")
    page = windows.blank(420, 800)
    page.goto(
        f"{genko.clinic.sandbox.base_url}/phone?provider=twilio&account={SID}&patient={PHONE.replace('+', '%2B')}"
    )
    page.get_by_label("Message to the clinic").wait_for()
    return page
