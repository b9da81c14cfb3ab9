"""Listening: for the command line, and in a thread beside a test or a demo."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from genko.sandbox.app import create_app
from genko.sandbox.world import World

START_TIMEOUT_S = 10.0


def bind(host: str, port: int) -> socket.socket:
    """The protocol is named because asyncio turns Nagle's algorithm off only then; every answer is 40 ms faster."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


def server(world: World) -> uvicorn.Server:
    """Without a log: faults drop connections on purpose."""
    config = uvicorn.Config(
        create_app(world),
        log_level="critical",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


@contextmanager
def running(world: World, port: int = 0) -> Iterator[str]:
    """Serve `world` from a thread; gives the base URL."""
    listener = bind("127.0.0.1", port)
    serving = server(world)
    thread = threading.Thread(target=serving.run, args=([listener],), daemon=True)
    thread.start()
    try:
        _wait_until_started(serving)
        yield address(listener)
    finally:
        serving.should_exit = True
        thread.join(START_TIMEOUT_S)
        listener.close()


def _wait_until_started(serving: uvicorn.Server) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not serving.started:
        if time.monotonic() > deadline:
            raise TimeoutError("The sandbox did not start")
        time.sleep(0.005)
