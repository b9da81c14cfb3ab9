"""python -m genko.sandbox --host 127.0.0.1 --port 4010"""

import argparse
import asyncio
import signal
import socket
import sys

import uvicorn

from genko.sandbox.guard import LOOPBACK
from genko.sandbox.serving import address, bind, server
from genko.sandbox.world import World


def main() -> None:
    """Uvicorn raises the signal that stopped it once more, so the process has to exit quietly by itself."""
    options = _options()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: sys.exit(0))
    asyncio.run(_serve(World(step=options.step), bind(options.host, options.port)))


async def _serve(world: World, listener: socket.socket) -> None:
    serving = server(world)
    announcing = asyncio.create_task(_announce(serving, listener))
    await serving.serve([listener])
    await announcing


async def _announce(serving: uvicorn.Server, listener: socket.socket) -> None:
    while not (serving.started or serving.should_exit):  # noqa: ASYNC110, uvicorn has no event for it
        await asyncio.sleep(0.005)
    sys.stdout.write(f"sandbox {address(listener)}\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="genko.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", choices=LOOPBACK[:2])
    parser.add_argument("--port", type=int, default=4010, help="0 picks a free one")
    parser.add_argument("--step", type=float, default=0.6, help="seconds between two statuses")
    return parser.parse_args()


if __name__ == "__main__":
    main()
