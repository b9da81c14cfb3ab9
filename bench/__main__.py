"""`python -m bench`: what Genkō takes over hand-written SQL, as Markdown tables."""

import argparse
import gc
import os
import platform
import time

from bench import backlog, journey, pipeline, reads, screens
from bench.places import FOLDER, KINDS, serving


def main() -> None:
    asked = _asked()
    reads_rounds, messages, crowds, singles, journeys = (
        (15, 1000, 1, 20, 3) if asked.quick else (200, 5000, 3, 200, 24)
    )
    started = time.monotonic()
    gc.collect()
    gc.freeze()  # as the dashboard does
    print(f"Python {platform.python_version()}; made-up clinics are kept in {FOLDER}; {_load()}", flush=True)
    with serving() as server:
        pipeline.run(server, sizes=[1000, 20_000], rounds=reads_rounds, rows=messages)
        if asked.leads:
            return
        reads.run(server, asked.sizes, rounds=reads_rounds)
        for kind in KINDS:
            backlog.run(server, kind, messages=messages, crowds=crowds, singles=singles)
        for kind in KINDS:
            journey.run(server, kind, times=journeys)
            screens.run(server, kind, rounds=journeys)
    print(f"\n(took {time.monotonic() - started:.0f} s; {_load()})")


def _load() -> str:
    """Times mean little, and ratios less than usual, while others keep the cores busy."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, help="conversations, ten messages each (10k,100k)")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and 10k conversations only")
    parser.add_argument("--leads", action="store_true", help="leads only")
    asked = parser.parse_args()
    asked.sizes = asked.sizes or ([10_000] if asked.quick else [10_000, 100_000])
    return asked


def _sizes(given: str) -> list[int]:
    return [int(one.lower().replace("k", "000")) for one in given.split(",")]


if __name__ == "__main__":
    main()
