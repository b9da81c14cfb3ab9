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
from playwright.sync_api import Browser, Page, sync_playwright

from bench.measuring import Timing, table, timing
from bench.places import FOLDER, Place, Server
from genko.access.models import Role
from genko.access.passwords import hashed
from genko.access.staff import enroll, find_staff
from genko.db import Database
from genko.vault import new_key
from tests import chromium

_PASSWORD = "only for measuring"
_EMAIL = "bench@genko.example"
_GENKO, _BARE = "Genkō", "bare page"
_PORTS = {_GENKO: 8691, _BARE: 8692}
_TARGET = 1.2
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


def run(server: Server, kind: str, *, rounds: int) -> None:
    """The click, and a patient's message on the way to an open screen."""
    with dashboard_on(copied(server.filled(kind, 10_000))), _bare_page(), _browser() as browser:
        ours, bare = _opened(browser.new_page(), _GENKO), _opened(browser.new_page(), _BARE)
        genko, floor = _compare(ours, bare, rounds)
    ratio = genko.median / floor.median
    row = [
        "click a row → the thread is there",
        str(floor),
        str(genko),
        f"{ratio:.2f}",
        "yes" if ratio <= _TARGET else "**missed**",
    ]
    head = ["browser, ms (median / p95)", "bare page", "Genkō", "ratio", "within target"]
    print(
        f"\n### {kind}: in the browser, 10,000 conversations, n = {rounds}\n\n{table(head, [row])}",
        flush=True,
    )


@contextmanager
def watching(place: Place) -> Iterator[Page]:
    """An open Messages screen on a database, signed in."""
    _enroll(place)
    with dashboard_on(place), _browser() as browser:
        page = browser.new_page()
        _sign_in(page)
        page.get_by_role("searchbox").wait_for()
        yield page


@contextmanager
def _browser() -> Iterator[Browser]:
    path = chromium.find()
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=chromium.ARGUMENTS)


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
    page.set_viewport_size({"width": 1440, "height": 900})
    if which == _GENKO:
        _sign_in(page)
    else:
        page.goto(f"http://127.0.0.1:{_PORTS[which]}")
    page.get_by_role("option").first.click()
    page.get_by_role("log").locator(".bubble").first.wait_for()
    return page


def _sign_in(page: Page) -> None:
    page.goto(f"http://127.0.0.1:{_PORTS[_GENKO]}/admin/messages")
    page.get_by_label("Email").fill(_EMAIL)
    page.locator("input[type=password]").fill(_PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def copied(place: Place) -> Place:
    """Looking at conversations writes. PostgreSQL's filled database is big enough not to care."""
    if place.kind == "SQLite":
        copied = FOLDER / "screens.sqlite3"
        shutil.copy(place.address, copied)
        place = Place("SQLite", str(copied))
    _enroll(place)
    return place


def _enroll(place: Place) -> None:
    database = Database(place.url)
    with database.transaction() as session:
        if all(member.email != _EMAIL for member in find_staff(session)):
            if place.kind == "PostgreSQL":  # the loader gave the ids itself
                session.execute(sa.text("SELECT setval(pg_get_serial_sequence('staff_member', 'id'), 1000)"))
            enroll(session, name="Bench", email=_EMAIL, role=Role.STAFF, password_hash=hashed(_PASSWORD))
    database.close()


@contextmanager
def dashboard_on(place: Place) -> Iterator[str]:
    """Its address."""
    environment = {
        "GENKO_DATA_DIR": str(FOLDER),
        "GENKO_DATABASE_URL": place.url,
        "GENKO_SEALING_KEYS": new_key(),
        "GENKO_PORT": str(_PORTS[_GENKO]),
    }
    base_url = f"http://127.0.0.1:{_PORTS[_GENKO]}"
    with _running(["pages"], environment, f"{base_url}/healthz"):
        yield base_url


@contextmanager
def _bare_page() -> Iterator[None]:
    port = _PORTS[_BARE]
    with _running(["bench.bare_app", str(port)], {}, f"http://127.0.0.1:{port}/_stcore/health"):
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
