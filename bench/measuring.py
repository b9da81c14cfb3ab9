"""Product and floor timed in turns, so that whatever else the machine does falls on both."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

_WARM_UP = 12  # psycopg prepares a statement at the fifth call, PostgreSQL may settle on a plan at the tenth
_LEAST = 15


@dataclass(frozen=True)
class Timing:
    """In milliseconds."""

    median: float
    p95: float

    def __str__(self) -> str:
        return f"{self.median:.2f} / {self.p95:.2f}"


@dataclass(frozen=True)
class Pair:
    product: Timing
    floor: Timing

    @property
    def ratio(self) -> float:
        return self.product.median / self.floor.median


def compare(
    product: Callable[[], object], floor: Callable[[], object], *, rounds: int = 200, seconds: float = 4.0
) -> Pair:
    """Product, floor, product, floor …; fewer rounds when they take longer than `seconds`."""
    for _ in range(_WARM_UP):
        product(), floor()
    ours: list[float] = []
    bare: list[float] = []
    end = time.monotonic() + seconds
    while len(ours) < rounds and (len(ours) < _LEAST or time.monotonic() < end):
        ours.append(timed(product))
        bare.append(timed(floor))
    return Pair(timing(ours), timing(bare))


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    started = time.perf_counter_ns()
    work()
    return (time.perf_counter_ns() - started) / 1e6


def timing(times: list[float]) -> Timing:
    return Timing(median(times), quantiles(times, n=20, method="inclusive")[-1])


def table(head: list[str], rows: list[list[str]]) -> str:
    """As Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
