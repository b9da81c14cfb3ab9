"""One worker process: its name, its threads, and how it takes up a piece of work."""

import logging
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from threading import Event, Lock

from genko import clock, workers
from genko.access.quiet import where
from genko.channels.accounts import Connector, Due, note_failure
from genko.channels.base import ChannelError
from genko.db import Database, DatabaseDown

_THREADS = 8

log = logging.getLogger("genko.worker")


def _name() -> str:
    """Unique to this start: what a killed process had claimed is not ours."""
    return f"{socket.gethostname()}-{os.getpid()}-{token_hex(3)}"


@dataclass
class Worker:
    database: Database
    connector: Connector
    name: str = field(default_factory=_name)
    started_at: datetime = field(default_factory=clock.now)
    stopping: Event = field(default_factory=Event)
    last_error: str = ""
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS, "account"))
    _busy: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def start(
        self, job: str, due: Due, work: Callable[["Worker", Due], object], *, lease: float | None
    ) -> None:
        """Runs `work` for an account on a thread of its own, unless it is still at it here or elsewhere.

        `lease` is in seconds. It spares the provider double work; what keeps the work right is that it is idempotent.
        """
        key = f"{job}:{due.id}"
        with self._lock:
            if key in self._busy or self.stopping.is_set():
                return
            self._busy.add(key)
        try:
            self._pool.submit(self._run, key, due, work, lease=lease)
        except RuntimeError:  # the pool has just been closed
            self._busy.discard(key)

    def _run(
        self, key: str, due: Due, work: Callable[["Worker", Due], object], *, lease: float | None
    ) -> None:
        try:
            if lease and not self._take(key, lease):
                return
            work(self, due)
        except ChannelError as error:
            with self.database.transaction() as session:
                note_failure(session, due.id, error)
        except DatabaseDown:
            self.note("The database cannot be reached.")
        except Exception as error:  # noqa: BLE001 - one account's bug must not stop the others
            self.note_bug(key, error)
        finally:
            with self._lock:
                self._busy.discard(key)

    def _take(self, key: str, seconds: float) -> bool:
        with self.database.transaction() as session:
            return workers.take(session, key, self.name, seconds)

    def beat(self) -> None:
        with self.database.transaction() as session:
            workers.beat(session, self.name, self.started_at, self.last_error)
        self.last_error = ""

    def note(self, sentence: str) -> None:
        self.last_error = sentence
        log.warning("%s", sentence)

    def note_bug(self, job: str, error: BaseException) -> None:
        log.error("%s failed: %s", job, where(error))
        self.last_error = f"An internal error in {job} ({type(error).__name__})."

    def close(self) -> None:
        """Finishes what is running, gives the leases back, says goodbye."""
        self.stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        try:
            with self.database.transaction() as session:
                workers.release_all(session, self.name)
        except DatabaseDown:
            log.warning("The database cannot be reached; the leases end by themselves.")
