"""When an open screen is told that something has changed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from genko import clock, worker_leases
from genko.db import Database
from pages.live.screens import Screen, Screens
from pages.live.watcher import Watcher
from tests.factories import Clinic
from tests.steps import Travel

EVERY_S = 0.02


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    moved = Travel()
    monkeypatch.setattr(clock, "now", moved.now)
    return moved


def _watched(database: Database, steps: Callable[[Watcher, Screens, Screen], Awaitable[None]]) -> None:
    async def run() -> None:
        screens = Screens()
        watcher, screen = Watcher(database, screens, every_s=EVERY_S), Screen(staff_id=1)
        screens.add(screen)
        watcher.start()
        try:
            async with asyncio.timeout(20):
                await steps(watcher, screens, screen)
        finally:
            for one in list(screens):
                screens.remove(one)

    asyncio.run(run())


def test_a_screen_is_told_as_time_goes_by_and_when_somebody_writes(clinic: Clinic, travel: Travel) -> None:
    travel.stop(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))

    async def steps(watcher: Watcher, screens: Screens, screen: Screen) -> None:
        assert (await screen.next_news())[0] == {"everything"}
        travel.forward(seconds=59)
        before = watcher.version
        travel.forward(seconds=1)
        assert (await screen.next_news())[0] == {"minute"}
        assert watcher.version == before + 1
        conversation_id = await asyncio.to_thread(clinic.conversation_with)
        topics: set[str] = set()
        while f"conversation:{conversation_id}" not in topics:
            topics |= (await screen.next_news())[0]
        assert "conversations" in topics
        assert watcher.version > before + 1

    _watched(clinic.database, steps)


def test_a_heartbeat_reaches_the_screen_and_makes_no_answer_old(clinic: Clinic) -> None:
    async def steps(watcher: Watcher, screens: Screens, screen: Screen) -> None:
        _, status = await screen.next_news()
        assert status
        assert status.silent.startswith("Nothing comes in or goes out")
        before = watcher.version
        with clinic.database.transaction() as session:
            worker_leases.beat(session, "w", clock.now())
        topics, status = await screen.next_news()
        assert status
        assert (topics, status.silent, watcher.version) == (set(), "", before)
        assert status.worker_at

    _watched(clinic.database, steps)


def test_a_database_that_is_away_is_told_and_everything_is_asked_for_when_it_is_back(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")

    async def steps(watcher: Watcher, screens: Screens, screen: Screen) -> None:
        await screen.next_news()
        monkeypatch.setattr(watcher, "_database", lost)
        topics, status = await screen.next_news()
        assert status
        assert (topics, status.database) == (set(), "Database out of reach. Trying again…")
        assert not watcher.is_watching
        monkeypatch.setattr(watcher, "_database", clinic.database)
        topics, status = await screen.next_news()
        assert status
        assert (topics, status.database) == ({"everything"}, "")

    _watched(clinic.database, steps)
    lost.close()


def test_nobody_looks_once_the_last_screen_has_gone(clinic: Clinic) -> None:
    async def steps(watcher: Watcher, screens: Screens, screen: Screen) -> None:
        await screen.next_news()
        assert watcher.is_watching
        screens.remove(screen)
        assert watcher._task
        await watcher._task
        assert not watcher.is_watching
        again = Screen(staff_id=1)
        screens.add(again)
        watcher.start()
        assert (await again.next_news())[0] == {"everything"}

    _watched(clinic.database, steps)


def test_a_screen_on_a_slow_line_gets_all_of_it_at_once() -> None:
    async def run() -> None:
        screens, slow = Screens(), Screen(staff_id=1)
        screens.add(slow)
        screens.tell({"conversation:1"})
        screens.tell({"conversation:2"})
        assert (await slow.next_news())[0] == {"conversation:1", "conversation:2"}

    asyncio.run(run())


def test_what_somebody_has_read_is_told_to_their_own_screens() -> None:
    async def run() -> None:
        screens, marias, vics = Screens(), Screen(staff_id=1), Screen(staff_id=2)
        screens.add(marias)
        screens.add(vics)
        screens.note_read(1)
        screens.tell({"minute"})
        assert (await marias.next_news())[0] == {"unread", "minute"}
        assert (await vics.next_news())[0] == {"minute"}

    asyncio.run(run())
