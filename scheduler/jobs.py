"""What the worker does, in one table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from genko import clock, worker_leases
from genko.access import page_identity, sessions
from genko.channels import registry
from genko.channels.accounts import Due, find_due, find_due_to_send, find_unverified, note_success
from genko.channels.capabilities import AsksReceipts, ExpiringCredentials, Polling
from genko.channels.channel import Channel
from genko.channels.renewal import renew
from genko.db import Session
from genko.messages import early_changes, files, unconfirmed
from genko.messages.claims import sweep_claims
from genko.messages.delivery import deliver
from genko.messages.fetch import fetch
from genko.messages.files import fetch_files
from genko.messages.follow_receipts import follow
from genko.messages.history_import import find_importing, import_history
from genko.messages.take_in import apply_kept_changes
from genko.messages.unconfirmed import confirm
from genko.messages.unsendable import fail_overdue, fail_stranded
from scheduler.worker import Worker


@dataclass(frozen=True)
class Job:
    """Runs `run` every `seconds`."""

    name: str
    seconds: float
    run: Callable[[Worker], object]


_LEASE = 10.0  # seconds; after a worker's death another one takes over that soon
_MINUTE = 60.0

Work = Callable[[Worker, Due], object]


def _working(verb: Callable[..., object], **how: bool) -> Work:
    return lambda worker, due: verb(
        worker.database, worker.connector, due, checkpoint=worker.checkpoint, **how
    )


def _delivering(worker: Worker, due: Due) -> None:
    deliver(worker.database, worker.connector, due, worker.name, checkpoint=worker.checkpoint)


def _verify(worker: Worker, due: Due) -> None:
    worker.connector.channel(due).check()
    with worker.database.transaction() as session:
        note_success(session, due.id, sealed=due.sealed)


def _each_account(
    name: str,
    work: Work,
    *,
    lease: float | None = _LEASE,
    find: Callable[[Session], list[Due]] = find_due,
    needs: type = Channel,
) -> Callable[[Worker], None]:
    """`needs` is the capability without which there is nothing to do for an account."""

    def run(worker: Worker) -> None:
        with worker.database.reading() as session:
            due = [one for one in find(session) if issubclass(registry.kind(one.channel), needs)]
        for one in due:
            worker.start(name, one, work, lease=lease)

    return run


def _sweep_up(worker: Worker) -> None:
    """Each in a transaction of its own: each keeps to the order in which conversations are locked, five in a row do not."""
    for sweep in (
        sweep_claims,
        fail_overdue,
        fail_stranded,
        files.fail_stranded,
        unconfirmed.tell_of_waiting,
    ):
        with worker.database.transaction() as session:
            sweep(session)
    apply_kept_changes(worker.database)


def _forget(worker: Worker) -> None:
    with worker.database.transaction() as session:
        worker_leases.forget_old(session, clock.now() - timedelta(days=1))
        early_changes.forget_old(session, clock.now() - timedelta(days=30))
        settings = worker.connector.settings
        sessions.forget_ended(session, clock.now() - timedelta(days=30), idle=page_identity.idle(settings))


def jobs(poll_seconds: float) -> tuple[Job, ...]:
    return (
        Job("heartbeat", 2, Worker.beat),
        Job("fetch", poll_seconds, _each_account("fetch", _working(fetch, sweep=False), needs=Polling)),
        Job("sweep", 60, _each_account("sweep", _working(fetch, sweep=True), lease=_MINUTE)),
        # Claims on single messages share this work among workers; a lease would only make one of them idle.
        Job("deliver", 0.5, _each_account("deliver", _delivering, lease=None, find=find_due_to_send)),
        Job("confirm", 5, _each_account("confirm", _working(confirm))),
        Job("follow", 2, _each_account("follow", _working(follow, sweep=False), needs=AsksReceipts)),
        Job(
            "follow-all",
            60,
            _each_account("follow-all", _working(follow, sweep=True), lease=_MINUTE, needs=AsksReceipts),
        ),
        Job("files", 2, _each_account("files", _working(fetch_files))),
        Job("history", 1, _each_account("history", _working(import_history), find=find_importing)),
        Job("verify", 2, _each_account("verify", _verify, find=find_unverified)),
        Job("renew", 3600, _each_account("renew", _working(renew), needs=ExpiringCredentials)),
        Job("claims", 5, _sweep_up),
        Job("forget", 3600, _forget),
    )
