"""One worker process: its name, its threads, and how it takes up a piece of work."""

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from threading import Event, Lock, Thread, current_thread
from time import monotonic

from genko import clock, worker_leases
from genko.access.error_location import where
from genko.channels.accounts import Connector, Due, note_failure
from genko.channels.base import ChannelError
from genko.db import Database, DatabaseDown, staff_sentence
from genko.worker_leases import Stopped

HANGS_AFTER = 180.0  # seconds without a step; every call to a provider or database ends long before
_LOG_EVERY = 60.0  # seconds
_PATIENCE = 5.0  # seconds at the end for work that can be cut off and repeated
_PATIENCE_SENDING = 35.0  # a call may take 30: cut off, its message would be in doubt

log = logging.getLogger("genko.worker")


def _name() -> str:
    """Unique to this start: what a killed process had claimed is not ours."""
    return f"{socket.gethostname()}-{os.getpid()}-{token_hex(3)}"


@dataclass
class _Work:
    thread: Thread
    moved_at: float
    told: bool = False


@dataclass
class Worker:
    database: Database
    connector: Connector
    name: str = field(default_factory=_name)
    started_at: datetime = field(default_factory=clock.now)
    stopping: Event = field(default_factory=Event)
    last_error: str = ""
    _logged: dict[str, float] = field(default_factory=dict)
    _running: dict[str, _Work] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def start(
        self, job: str, due: Due, work: Callable[["Worker", Due], object], *, lease: float | None
    ) -> None:
        """Runs `work` for an account on a thread of its own, unless it is still at it here or elsewhere.

        An account has at most one thread for each job and shares none: when its provider does not answer, nobody
        else waits. `lease` is in seconds. It spares the provider double work; what keeps the work right is that it
        is idempotent.
        """
        key = f"{job}:{due.id}"
        thread = Thread(target=self._run, args=(key, due, work, lease), name=key, daemon=True)
        with self._lock:
            if key in self._running or self.stopping.is_set():
                return
            thread.start()
            self._running[key] = _Work(thread, monotonic())

    def _run(self, key: str, due: Due, work: Callable[["Worker", Due], object], lease: float | None) -> None:
        try:
            if not lease or self._take(key, lease):
                self._attempt(due, work)
        except Stopped:
            log.info("%s stops where it is", key)
        except DatabaseDown as error:
            self.note(staff_sentence(error))
        except Exception as error:  # noqa: BLE001 - one account's bug must not stop the others
            self.note_bug(key, error)
        finally:
            with self._lock:
                del self._running[key]

    def _attempt(self, due: Due, work: Callable[["Worker", Due], object]) -> None:
        try:
            work(self, due)
        except ChannelError as error:
            with self.database.transaction() as session:
                note_failure(session, due.id, error, sealed=due.sealed)

    def checkpoint(self) -> None:
        """Between two steps of a batch: raises Stopped once the process is to end."""
        if self.stopping.is_set():
            raise Stopped
        with self._lock:
            if work := self._running.get(current_thread().name):
                work.moved_at = monotonic()

    def _take(self, key: str, seconds: float) -> bool:
        with self.database.transaction() as session:
            return worker_leases.take(session, key, self.name, seconds)

    def beat(self) -> None:
        self._tell_of_hanging()
        with self.database.transaction() as session:
            worker_leases.beat(session, self.name, self.started_at, self.last_error)
        self.last_error = ""

    def _tell_of_hanging(self) -> None:
        """The rest goes on without it, so nobody else would notice."""
        with self._lock:
            hanging = {
                key: one for key, one in self._running.items() if monotonic() - one.moved_at > HANGS_AFTER
            }
        for key, work in hanging.items():
            self.last_error = f"{key} has not moved for {HANGS_AFTER / 60:.0f} minutes. Restart the worker."
            if not work.told:
                log.warning("%s", self.last_error)
            work.told = True

    def note(self, sentence: str) -> None:
        """Into the heartbeat; into the log once a minute for as long as it stays the same."""
        self.last_error = sentence
        if self._logged.get(sentence, -_LOG_EVERY) <= monotonic() - _LOG_EVERY:
            self._logged = {sentence: monotonic()}
            log.warning("%s", sentence)

    def note_bug(self, job: str, error: BaseException) -> None:
        log.error("%s failed: %s", job, where(error))
        self.last_error = f"An internal error in {job} ({type(error).__name__})."

    def close(self) -> None:
        """Lets running work come to an end, gives the leases back, says goodbye."""
        self.stopping.set()
        with self._lock:
            running = dict(self._running)
        begun = monotonic()
        for key, work in running.items():
            patience = _PATIENCE_SENDING if key.startswith("deliver:") else _PATIENCE
            work.thread.join(max(0.0, begun + patience - monotonic()))
        try:
            with self.database.transaction() as session:
                worker_leases.release_all(session, self.name)
        except DatabaseDown:
            log.warning("The database cannot be reached; the leases end by themselves.")

    @property
    def busy(self) -> bool:
        with self._lock:
            return bool(self._running)
