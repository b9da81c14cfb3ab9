"""Worker processes that tests start, kill, and let die at a named point."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from tests import launcher
from tests.factories import Clinic

ROOT = Path(__file__).parent.parent
_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.launcher"])
SENDING = (
    "before the claim is committed",
    "after the claim, before the call",
    "during the call",
    "after the answer, before the commit",
)
PATIENCE = 40.0  # seconds; never waited out unless something is wrong


def eventually(happened: Callable[[], object], what: str = "it") -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"{what} did not happen in time"
        time.sleep(0.03)


class Workers:
    """Worker processes on the clinic's database, in an environment of their own."""

    def __init__(self, clinic: Clinic, log: Path) -> None:
        settings = clinic.connector.settings
        self.clinic, self.log = clinic, log
        self.running: list[subprocess.Popen[bytes]] = []
        self.forked: list[ForkServerProcess] = []
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("GENKO_")
        } | {
            "GENKO_DATA_DIR": str(settings.data_dir),
            "GENKO_DATABASE_URL": settings.database_url.get_secret_value(),
            "GENKO_SEALING_KEYS": settings.sealing_keys.get_secret_value(),
            **settings.base_url_environment(),
            "GENKO_POLL_SECONDS": "0.3",
            "PYTHONPATH": str(ROOT),
        }

    def start(self) -> subprocess.Popen[bytes]:
        """As an operator does it."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "scheduler"]
            process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def start_quick(self, point: str = "", body: str = "") -> ForkServerProcess:
        """From a server that has the imports behind it: they take longer than what is tested."""
        process = _FORKS.Process(target=launcher.main, args=(self.environment, str(self.log), point, body))
        process.start()
        self.forked.append(process)
        return process

    def dies(self, point: str, body: str = "") -> None:
        """Starts one that dies at that point, and waits for its death."""
        process = self.start_quick(point, body)
        process.join(PATIENCE)
        assert process.exitcode == -signal.SIGKILL, self.log.read_text()

    def dies_while_sending(self, point: str) -> None:
        """The message of that text leaves, or does not, under a worker that dies at that point."""
        if point != "during the call":
            self.dies(point, point)
            return
        sandbox = self.clinic.sandbox
        sandbox.fault("hang_after", times=1, method="POST", seconds=60)
        process = self.start_quick()
        eventually(lambda: sandbox.creates(point) == 1, "the call")
        process.kill()
        process.join()

    def kill_all(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()
        for forked in self.forked:
            forked.kill()
            forked.join(PATIENCE)


@pytest.fixture
def staffed(clinic: Clinic, tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(clinic, tmp_path / "worker.log")
    yield workers
    workers.kill_all()
