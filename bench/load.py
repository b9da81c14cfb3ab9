"""`make load`: many open Messages screens on one dashboard process, messages arriving, and somebody who clicks."""

import argparse
import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

from bench.load_screen import Screen
from bench.measuring import Timing, table, timing
from bench.places import KINDS, Place, serving
from bench.screens import copied, dashboard_on
from genko import clock
from genko.access import sessions
from genko.access.models import Role
from genko.access.passwords import PasswordHash
from genko.access.staff import enroll
from genko.channels.events import Inbound
from genko.db import Database
from genko.messages import take_in
from genko.messages.models import Conversation, ConversationStatus, Identity

_STAFF = 50  # people, who have several screens each
_CONVERSATIONS = 40  # that are open on the screens and written into
_EVERY_S = 4.0  # a patient's message
_CLICK_EVERY_S = 0.5
_OPENED_AT_ONCE = 4  # screens
_CLICK_TARGET_MS = 300
_SHOWN_TARGET_S = 1.5
_NO_PASSWORD = PasswordHash("!")


@dataclass
class Seen:
    """When each message was stored, and how long after that each screen had it."""

    stored_at: dict[str, float] = field(default_factory=dict)
    delays: dict[str, dict[Screen, float]] = field(default_factory=lambda: defaultdict(dict))

    def note(self, screen: Screen, content: bytes, at: float) -> None:
        for text, stored_at in self.stored_at.items():
            if screen not in self.delays[text] and text.encode() in content:
                self.delays[text][screen] = max(0.0, at - stored_at)


@dataclass
class Result:
    clicks: Timing  # until the thread is there to be painted, ms
    scripts: Timing  # until the script with head and composer has ended, ms
    shown: list[float]  # seconds, of each message on each screen
    missed: int  # messages that a screen never showed
    idle_runs: int
    fetches: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.load", description=__doc__)
    parser.add_argument("--screens", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kind", choices=KINDS, default="SQLite")
    asked = parser.parse_args()
    with serving() as server:
        place = copied(server.filled(asked.kind, 10_000))
        with dashboard_on(place) as base_url:
            result = asyncio.run(_measure(place, base_url, asked.screens, asked.seconds))
    print(_report(asked.kind, asked.screens, result))
    assert result.idle_runs == 0, "an idle screen ran its script"


async def _measure(place: Place, base_url: str, screen_count: int, seconds: float) -> Result:
    with _clinic(place, screen_count) as (database, tokens, people):
        seen = Seen()
        async with asyncio.TaskGroup() as tasks:
            screens = [Screen(base_url, token, random.choice(people).id, seen.note) for token in tokens]
            await _open_all(screens, tasks)
            await asyncio.sleep(2)
            probe, *idle = screens
            before = [screen.script_runs for screen in idle]
            fetched = sum(screen.fetches for screen in screens)
            writing = asyncio.create_task(_write(database, people, seen, seconds))
            clicks, scripts = await _click(probe, people, seconds)
            await writing
            await asyncio.sleep(5)  # what came last
            runs = sum(screen.script_runs for screen in idle) - sum(before)
            fetched = sum(screen.fetches for screen in screens) - fetched
            await asyncio.gather(*(screen.close() for screen in screens))
        delays = [delay for of_screens in seen.delays.values() for delay in of_screens.values()]
        missed = len(seen.stored_at) * screen_count - len(delays)
        return Result(timing(clicks), timing(scripts), delays, missed, runs, fetched)


async def _open_all(screens: list[Screen], tasks: asyncio.TaskGroup) -> None:
    started, turn = time.monotonic(), asyncio.Semaphore(_OPENED_AT_ONCE)

    async def open_one(screen: Screen) -> None:
        async with turn:
            await screen.open(tasks)

    await asyncio.gather(*(open_one(screen) for screen in screens))
    print(f"({len(screens)} screens opened in {time.monotonic() - started:.0f} s)", flush=True)


@dataclass(frozen=True)
class Person:
    """Somebody who writes, and the conversation with them."""

    id: int
    account_id: int
    external_id: str


@contextmanager
def _clinic(place: Place, screen_count: int) -> Iterator[tuple[Database, list[str], list[Person]]]:
    """Everybody's sessions, and the people whose conversations are open."""
    database = Database(place.url)
    with database.transaction() as session:
        staff = [
            enroll(
                session,
                name="Load",
                email=f"{time.time_ns()}-{number}@bench.example",
                role=Role.STAFF,
                password_hash=_NO_PASSWORD,
            ).id
            for number in range(_STAFF)
        ]
        tokens = [
            sessions.begin(session, staff[number % _STAFF], address="") for number in range(screen_count)
        ]
        newest = (
            sa.select(Conversation.id, Conversation.account_id, Identity.external_id)
            .join(Identity, Identity.id == Conversation.identity_id)
            .where(Conversation.status == ConversationStatus.ACTIVE)
            .order_by(Conversation.last_message_at.desc())
            .limit(_CONVERSATIONS)
        )
        people = [Person(*row) for row in session.execute(newest)]
    yield database, tokens, people
    database.close()


async def _write(database: Database, people: list[Person], seen: Seen, seconds: float) -> None:
    """A patient's message every few seconds, taken in as the worker does."""
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        person, text, number = random.choice(people), f"Load {number} of {time.time_ns()}", number + 1
        event = Inbound(f"LOAD{time.time_ns()}", person.external_id, clock.now(), text)
        seen.stored_at[text] = await asyncio.to_thread(_take_in, database, person.account_id, event)
        await asyncio.sleep(_EVERY_S)


def _take_in(database: Database, account_id: int, event: Inbound) -> float:
    """The moment when it was stored."""
    take_in.take_in(database, account_id, [event])
    return time.monotonic()


async def _click(probe: Screen, people: list[Person], seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds until the thread is there, and until the script has ended."""
    clicks, scripts, end = [], [], time.monotonic() + seconds
    while time.monotonic() < end:
        others = [person.id for person in people if person.id != probe.conversation_id]
        started = time.monotonic()
        clicks.append(1000 * await probe.click(random.choice(others)))
        scripts.append(1000 * (time.monotonic() - started))
        await asyncio.sleep(_CLICK_EVERY_S * random.random() * 2)
    return clicks, scripts


def _report(kind: str, screen_count: int, result: Result) -> str:
    shown = timing([1000 * delay for delay in result.shown])
    latest = max(result.shown)
    rows = [
        ["click → the thread is there, ms", str(result.clicks), f"p95 <= {_CLICK_TARGET_MS}", _met(result.clicks.p95 <= _CLICK_TARGET_MS)],
        ["click → head and composer are there, ms", str(result.scripts), "", ""],
        ["message stored → on a screen, ms", str(shown), "", ""],
        ["message stored → on the last screen, s", f"{latest:.2f}", f"<= {_SHOWN_TARGET_S}", _met(latest <= _SHOWN_TARGET_S)],
        ["messages that a screen never showed", str(result.missed), "0", _met(result.missed == 0)],
        ["runs of the script on idle screens", str(result.idle_runs), "0", _met(result.idle_runs == 0)],
        ["fetches of all screens", str(result.fetches), "", ""],
    ]  # fmt: skip
    head = ["median / p95", "measured", "target", "met"]
    title = f"{kind}: {screen_count} open Messages screens, a message every {_EVERY_S:g} s"
    return f"\n### {title}\n\n{table(head, rows)}"


def _met(is_met: bool) -> str:
    return "yes" if is_met else "**missed**"


if __name__ == "__main__":
    main()
