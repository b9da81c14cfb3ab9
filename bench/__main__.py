"""`python -m bench`: what Genkō takes over hand-written SQL, as Markdown tables."""

import argparse
import os
import platform
import time

from bench import backlog, journey, reads
from bench.places import FOLDER, KINDS, serving


def main() -> None:
    asked = _asked()
    started = time.monotonic()
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores; made-up clinics are kept in {FOLDER}",
        flush=True,
    )
    with serving() as server:
        reads.run(server, asked.sizes, rounds=15 if asked.quick else 200)
        for kind in KINDS:
            backlog.run(
                server, kind, messages=1000 if asked.quick else 5000, singles=20 if asked.quick else 200
            )
        for kind in KINDS:
            journey.run(server, kind, times=3 if asked.quick else 24)
    print(f"\n(took {time.monotonic() - started:.0f} s)")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, help="conversations, ten messages each (10k,100k)")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and 10k conversations only")
    asked = parser.parse_args()
    asked.sizes = asked.sizes or ([10_000] if asked.quick else [10_000, 100_000])
    return asked


def _sizes(given: str) -> list[int]:
    return [int(one.lower().replace("k", "000")) for one in given.split(",")]


if __name__ == "__main__":
    main()
