"""What the worker does, in one table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from genko import clock, workers
from genko.channels.accounts import Due, find_due
from genko.messages.claims import fail_stranded, sweep_claims
from genko.messages.delivery import deliver
from genko.messages.fetch import fetch, find_importing, import_history
from genko.messages.files import fetch_files
from genko.messages.lookup import confirm
from genko.messages.receipts import follow
from scheduler.worker import Worker


@dataclass(frozen=True)
class Job:
    """Runs `run` every `seconds`; per account, one account's delay does not hold up the others'."""

    name: str
    seconds: float
    run: Callable[[Worker], object]


_LEASE = 10.0  # seconds; after a worker's death another one takes over that soon
_MINUTE = 60.0


def _each_account(
    name: str, work: Callable[[Worker, Due], object], *, lease: float | None = _LEASE
) -> Callable[[Worker], None]:
    def run(worker: Worker) -> None:
        with worker.database.reading() as session:
            due = find_due(session)
        for one in due:
            worker.start(name, one, work, lease=lease)

    return run


def _import(worker: Worker) -> None:
    with worker.database.reading() as session:
        due = find_importing(session)
    for one in due:
        worker.start("history", one, lambda w, d: import_history(w.database, w.connector, d), lease=_LEASE)


def _sweep_up(worker: Worker) -> None:
    with worker.database.transaction() as session:
        sweep_claims(session)
        fail_stranded(session)


def _forget(worker: Worker) -> None:
    with worker.database.transaction() as session:
        workers.forget_old(session, clock.now() - timedelta(days=1))


def jobs(poll_seconds: float) -> tuple[Job, ...]:
    return (
        Job("heartbeat", 2, Worker.beat),
        Job(
            "fetch",
            poll_seconds,
            _each_account("fetch", lambda w, d: fetch(w.database, w.connector, d, sweep=False)),
        ),
        Job(
            "sweep",
            60,
            _each_account("sweep", lambda w, d: fetch(w.database, w.connector, d, sweep=True), lease=_MINUTE),
        ),
        # Claims on single messages share this work among workers; a lease would only make one of them idle.
        Job(
            "deliver",
            0.5,
            _each_account("deliver", lambda w, d: deliver(w.database, w.connector, d, w.name), lease=None),
        ),
        Job("confirm", 5, _each_account("confirm", lambda w, d: confirm(w.database, w.connector, d))),
        Job(
            "follow", 2, _each_account("follow", lambda w, d: follow(w.database, w.connector, d, sweep=False))
        ),
        Job(
            "follow-all",
            60,
            _each_account(
                "follow-all", lambda w, d: follow(w.database, w.connector, d, sweep=True), lease=_MINUTE
            ),
        ),
        Job("files", 2, _each_account("files", lambda w, d: fetch_files(w.database, w.connector, d))),
        Job("history", 1, _import),
        Job("claims", 5, _sweep_up),
        Job("forget", 3600, _forget),
    )
