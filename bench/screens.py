"""From the click on a row to the thread being there, in a real browser: Genkō against a bare page of as many elements."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import sqlalchemy as sa
from playwright.sync_api import Page, sync_playwright

from bench.measuring import Timing, table, timing
from bench.places import FOLDER, Place, Server
from genko.access.models import Role
from genko.access.staff import enroll, find_staff
from genko.db import Database, Session
from genko.vault import new_key
from tests import chromium

_PASSWORD = "only for measuring"
_EMAIL = "bench@genko.example"
_PORTS = {"Genkō": 8691, "bare page": 8692}
_ROOT = Path(__file__).parent.parent

# Clicks a row and resolves with the milliseconds until the thread's first bubble is another one.
_CLICK = """
row => new Promise((done, fail) => {
  const inside = key => document.querySelector(`.st-key-${key} [data-testid="stBidiComponentIsolated"]`).shadowRoot
  const first = () => inside("thread").querySelector(".bubble")?.dataset.id
  const before = first(), started = performance.now()
  inside("list").querySelectorAll('[role="option"]')[row].click()
  const look = () => first() !== before && first() !== undefined ? done(performance.now() - started)
    : performance.now() - started > 10000 ? fail(new Error("never")) : requestAnimationFrame(look)
  look()
})
"""


def measure(server: Server, rounds: int) -> str:
    rows = []
    for kind in ("SQLite", "PostgreSQL"):
        with _dashboard(_copy(server.filled(kind, 10_000))), _bare_page(), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.ARGUMENTS)
            ours, bare = _opened(browser.new_page(), "Genkō"), _opened(browser.new_page(), "bare page")
            genko, floor = _compare(ours, bare, rounds)
            rows.append(
                [
                    f"click a row → thread painted, {kind}",
                    str(genko),
                    str(floor),
                    f"{genko.median / floor.median:.2f}",
                ]
            )
            browser.close()
    return table(["browser, 10,000 conversations (ms, median / p95)", "Genkō", "bare page", "ratio"], rows)


def _compare(ours: Page, bare: Page, rounds: int) -> tuple[Timing, Timing]:
    """In turns, each page in front while it is measured: a hidden one paints nothing."""
    times: dict[int, list[float]] = {0: [], 1: []}
    for turn in range(rounds + 3):
        for which, page in enumerate((ours, bare)):
            page.bring_to_front()
            elapsed = page.evaluate(_CLICK, turn % 12 + 1)
            if turn >= 3:
                times[which].append(elapsed)
    return timing(times[0]), timing(times[1])


def _opened(page: Page, which: str) -> Page:
    base = f"http://127.0.0.1:{_PORTS[which]}"
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base}/admin/messages" if which == "Genkō" else base)
    if which == "Genkō":
        page.get_by_label("Email").fill(_EMAIL)
        page.locator("input[type=password]").fill(_PASSWORD)
        page.get_by_role("button", name="Sign in").click()
    page.get_by_role("option").first.click()
    page.get_by_role("log").locator(".bubble").first.wait_for()
    return page


def _copy(place: Place) -> Place:
    """Looking at conversations writes: the filled database itself stays as it is. PostgreSQL's is big enough not to care."""
    if place.kind == "SQLite":
        copied = FOLDER / "screens.sqlite3"
        shutil.copy(place.address, copied)
        place = Place("SQLite", str(copied))
    database = Database(place.url)
    with database.transaction() as session:
        if not _knows_us(session):
            if place.kind == "PostgreSQL":  # the loader gave the ids itself
                session.execute(sa.text("SELECT setval(pg_get_serial_sequence('staff_member', 'id'), 1000)"))
            enroll(session, name="Bench", email=_EMAIL, role=Role.STAFF, password=_PASSWORD)
    database.close()
    return place


def _knows_us(session: Session) -> bool:
    return any(member.email == _EMAIL for member in find_staff(session))


@contextmanager
def _dashboard(place: Place) -> Iterator[None]:
    environment = {
        "GENKO_DATA_DIR": str(FOLDER),
        "GENKO_DATABASE_URL": place.url,
        "GENKO_SEALING_KEYS": new_key(),
        "GENKO_PORT": str(_PORTS["Genkō"]),
    }
    with _running(["pages"], environment, f"http://127.0.0.1:{_PORTS['Genkō']}/healthz"):
        yield


@contextmanager
def _bare_page() -> Iterator[None]:
    arguments = [
        "streamlit", "run", str(_ROOT / "bench/bare_page.py"), "--server.port", str(_PORTS["bare page"]),
        "--server.address", "127.0.0.1", "--server.headless", "true", "--browser.gatherUsageStats", "false",
        "--runner.postScriptGC", "false", "--server.fileWatcherType", "none",
    ]  # fmt: skip
    with _running(
        arguments, {"PYTHONPATH": str(_ROOT)}, f"http://127.0.0.1:{_PORTS['bare page']}/_stcore/health"
    ):
        yield


@contextmanager
def _running(module: list[str], environment: dict[str, str], health: str) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        env={**os.environ, **environment},
        cwd=_ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not _well(health):
            if time.monotonic() > deadline:
                raise TimeoutError(health)
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _well(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).is_success
    except httpx.HTTPError:
        return False
