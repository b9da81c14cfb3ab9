"""Runs Genkō's processes side by side on one machine: starts them again when they die, stops them together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from types import FrameType

from genko import supervised_process

_GRACE = 45.0  # seconds until a process that does not stop is ended
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_CALM = 60.0  # a process that lived this long starts with a short pause again


def on_stop(handle: Callable[[int, FrameType | None], object]) -> None:
    """Ctrl-C, SIGTERM and the terminal's closing, unless `nohup` has said that this is no end."""
    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, handle)


class Supervisor:
    """The processes of one `genko run`. Each is a `python -m` module and its arguments."""

    def __init__(
        self, modules: Mapping[str, list[str]], environment: Mapping[str, str] | None = None
    ) -> None:
        self._modules = dict(modules)
        self._environment = {**os.environ, **(environment or {})}
        self._stop = threading.Event()
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def run(self) -> None:
        """Blocks until Ctrl-C, SIGTERM or the terminal's closing."""
        on_stop(self._on_signal)
        keepers = [
            threading.Thread(target=self._keep, args=one, daemon=True) for one in self._modules.items()
        ]
        for keeper in keepers:
            keeper.start()
        while not self._stop.wait(0.5):
            pass
        self._end()
        for keeper in keepers:
            keeper.join(_GRACE)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _keep(self, name: str, arguments: list[str]) -> None:
        pause = _FIRST_PAUSE
        while not self._stop.is_set():
            started = time.monotonic()
            self._run_once(name, arguments)
            if self._stop.is_set():
                return
            pause = _FIRST_PAUSE if time.monotonic() - started > _CALM else min(pause * 2, _LONGEST_PAUSE)
            print(
                f"The {name} ended unexpectedly and starts again in {pause:.0f} s.",
                file=sys.stderr,
                flush=True,
            )
            self._stop.wait(pause)

    def _run_once(self, name: str, arguments: list[str]) -> None:
        try:
            child = supervised_process.start(arguments, self._environment)
        except OSError as error:  # no memory or no file left for it in this moment
            print(f"The {name} could not be started: {error.strerror}.", file=sys.stderr, flush=True)
            return
        self._children[name] = child
        if self._stop.is_set():
            child.terminate()
        child.wait()

    def _end(self) -> None:
        running = [child for child in self._children.values() if child.poll() is None]
        for child in running:
            child.terminate()
        deadline = time.monotonic() + _GRACE
        for child in running:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
