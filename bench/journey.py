"""From one phone to the other end: a sandboxed provider, a real worker process, and an open screen in a browser."""

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from playwright.sync_api import Page

from bench.measuring import Timing, table, timing
from bench.places import Server
from bench.screens import watching
from bench.stage import POLL, Scene, staged

_SCREEN = 2.0  # seconds between two looks of an open screen
_DELIVERY = 0.5  # seconds between two looks into the outbox
_GRACE = 0.5  # over the floor
_LOOK_EVERY = 0.01
_GIVE_UP = 30.0

_Sign = TypeVar("_Sign")


def run(server: Server, kind: str, *, times: int) -> None:
    with server.empty(kind) as place, staged(place) as scene, watching(place) as page:
        heard, seen, answered = _both_ways(scene, page, times)
    rows = [
        _row(f"patient writes → in the inbox (a look every {POLL:g} s)", heard, POLL),
        _row(f"patient writes → on the open screen (another {_SCREEN:g} s)", seen, POLL + _SCREEN),
        _row(f"staff reply → the provider has it (a look every {_DELIVERY:g} s)", answered, _DELIVERY),
    ]
    head = ["end to end, seconds (median / p95)", "floor", "Genkō", "over the floor at p95", "within target"]
    print(f"\n### {kind}: end to end, n = {times}\n\n{table(head, rows)}", flush=True)


def _both_ways(scene: Scene, page: Page, times: int) -> tuple[Timing, Timing, Timing]:
    heard, seen, answered = [], [], []
    scene.patient_writes("Hello")
    conversation_id = _wait(partial(scene.shown, "Hello"))[0]
    for number in range(times):
        time.sleep(POLL * number / times)  # so that all moments between two looks are met alike
        scene.patient_writes(f"Question {number}")
        written = time.monotonic()
        heard.append(_wait(partial(scene.shown, f"Question {number}"))[1])
        page.get_by_role("option").get_by_text(f"Question {number}", exact=True).wait_for()
        seen.append(time.monotonic() - written)
        scene.staff_replies(conversation_id, f"Answer {number}")
        answered.append(_wait(partial(scene.provider_has, f"Answer {number}"))[1])
    return timing(heard), timing(seen), timing(answered)


def _wait(arrived: Callable[[], _Sign | None]) -> tuple[_Sign, float]:
    """What came, and after how many seconds."""
    started = time.monotonic()
    while (waited := time.monotonic() - started) < _GIVE_UP:
        if sign := arrived():
            return sign, time.monotonic() - started
        time.sleep(_LOOK_EVERY)
    raise TimeoutError(f"nothing arrived within {waited:.0f} s")


def _row(what: str, ours: Timing, interval: float) -> list[str]:
    """The floor: moments spread evenly over the interval, and nothing else taking any time."""
    floor = Timing(interval / 2, interval * 0.95)
    over = ours.p95 - floor.p95
    return [what, str(floor), str(ours), f"{over:+.2f}", "yes" if over <= _GRACE else "**missed**"]
