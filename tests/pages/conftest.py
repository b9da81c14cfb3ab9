"""A running Genkō: dashboard and worker as processes, a browser, and a patient's phone."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from genko.access.models import Role
from genko.access.staff import enroll
from genko.settings import Settings
from tests import chromium
from tests.factories import Clinic
from tests.sandbox_client import SID

PASSWORD = "an easy one for tests"
PHONE = "+491510000001"


def wait_until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Looks again and again until it is so; fails at the deadline."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "this did not happen in time"
        time.sleep(0.05)


@dataclass
class Running:
    """Genkō's processes on one database."""

    clinic: Clinic
    base_url: str
    environment: dict[str, str]
    logs: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *module: str) -> subprocess.Popen[bytes]:
        with (self.logs / f"{module[0]}-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen([sys.executable, "-m", *module], env=self.environment, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self.start("scheduler")

    def said(self) -> str:
        """All that the processes wrote to their logs."""
        return "".join(path.read_text() for path in sorted(self.logs.glob("*.log")))

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def genko(clinic: Clinic, settings: Settings, tmp_path: Path) -> Iterator[Running]:
    """The dashboard is up; the worker is the test's to start."""
    with clinic.database.transaction() as session:
        for name, role in (("Ada Admin", Role.ADMIN), ("Maria Staff", Role.STAFF), ("Vic Viewer", Role.VIEWER)):
            email = f"{name.split()[0].lower()}@genko.example"
            enroll(session, name=name, email=email, role=role, password=PASSWORD)
    port = _free_port()
    logs = tmp_path / "logs"
    logs.mkdir()
    environment = {
        **os.environ,
        "GENKO_DATA_DIR": str(settings.data_dir),
        "GENKO_DATABASE_URL": settings.database_url.get_secret_value(),
        "GENKO_SEALING_KEYS": settings.sealing_keys.get_secret_value(),
        "GENKO_TWILIO_BASE_URL": settings.twilio_base_url,
        "GENKO_PORT": str(port),
        "GENKO_POLL_SECONDS": "0.5",
    }
    running = Running(clinic, f"http://127.0.0.1:{port}", environment, logs)
    try:
        dashboard = running.start("pages")
        wait_until(lambda: _answers(f"{running.base_url}/healthz") or dashboard.poll() is not None)
        assert dashboard.poll() is None, running.said()
        yield running
    finally:
        running.end()


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium.find(), args=chromium.ARGUMENTS)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_one(width: int = 1440, height: int = 900) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


def sign_in(page: Page, genko: Running, *, email: str = "maria@genko.example", path: str = "/admin/messages") -> Page:
    page.goto(genko.base_url + path)
    page.get_by_label("Email").fill(email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{path}*")
    return page


@pytest.fixture
def inbox(open_page: Callable[..., Page], genko: Running) -> Page:
    """Maria's open Messages screen."""
    page = sign_in(open_page(), genko)
    page.get_by_role("searchbox", name="Search").wait_for()
    return page


@pytest.fixture
def phone(open_page: Callable[..., Page], genko: Running) -> Page:
    """A patient's phone, open on the chat with the clinic."""
    genko.clinic.sandbox.patient(PHONE, name="Ana Díaz")
    page = open_page(420, 800)
    page.goto(f"{genko.clinic.sandbox.base_url}/phone?account={SID}&patient={PHONE.replace('+', '%2B')}")
    page.get_by_label("Message to the clinic").wait_for()
    return page


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
