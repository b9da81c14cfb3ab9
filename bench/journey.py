"""From one phone to the other end: a sandboxed provider, a real worker process, and the database a screen reads.

What "arrived" means is a parameter: the browser's half waits for its own sign instead.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from bench.measuring import Timing, table, timing
from bench.places import Server
from bench.stage import POLL, Scene, staged

_DELIVERY = 0.5  # seconds between two looks into the outbox
_GRACE = 0.5  # over the floor
_LOOK_EVERY = 0.01
_GIVE_UP = 30.0

_Sign = TypeVar("_Sign")


def run(server: Server, kind: str, *, times: int) -> None:
    with server.empty(kind) as place, staged(place) as scene:
        heard, answered = _both_ways(scene, times)
    rows = [
        _row(f"patient writes → in the inbox (a look every {POLL:g} s)", heard, POLL),
        _row(f"staff reply → the provider has it (a look every {_DELIVERY:g} s)", answered, _DELIVERY),
    ]
    head = ["end to end, seconds (median / p95)", "floor", "Genkō", "over the floor at p95", "within target"]
    print(f"\n### {kind}: end to end, n = {times}\n\n{table(head, rows)}", flush=True)


def _both_ways(scene: Scene, times: int) -> tuple[Timing, Timing]:
    heard, answered = [], []
    scene.patient_writes("Hello")
    conversation_id = _wait(partial(scene.shown, "Hello"))[0]
    for number in range(times):
        time.sleep(POLL * number / times)  # so that all moments between two looks are met alike
        scene.patient_writes(f"Question {number}")
        heard.append(_wait(partial(scene.shown, f"Question {number}"))[1])
        scene.staff_replies(conversation_id, f"Answer {number}")
        answered.append(_wait(partial(scene.provider_has, f"Answer {number}"))[1])
    return timing(heard), timing(answered)


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
