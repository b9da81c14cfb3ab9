"""The worker process: builds the scheduler from the table of jobs, waits, stops cleanly."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from genko import clock, schema, vault
from genko.channels.accounts import Connector
from genko.db import Database, DatabaseDown, staff_sentence
from genko.errors import GenkoError
from genko.settings import Settings
from scheduler.jobs import Job, jobs
from scheduler.worker import Worker, log

_GRACE = 50.0  # seconds for everything to end, should the database not answer either
_WAKE = 1.0  # seconds
_SET_BACK = timedelta(seconds=2)  # less than that is waited for
_RETRY = 2.0  # seconds between two tries to reach a database that is down at start


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    os.umask(0o077)
    stop = threading.Event()
    _on_signals(stop)
    try:
        settings = Settings()
        settings.private_data_dir()
        database = Database(settings.database_address)
        if not _migrated(database, stop):
            return
        worker = Worker(database, Connector(settings, vault.open_vault(settings)))
    except GenkoError as error:
        sys.exit(str(error))
    if not run(worker, jobs(settings.poll_seconds), stop):
        # What still runs is safe to leave: claims and leases end by themselves.
        log.warning("worker %s left work behind", worker.name)
        os._exit(0)


def run(worker: Worker, table: tuple[Job, ...], stop: threading.Event) -> bool:
    """Works until `stop` is set, then ends within the grace period; whether all work has come to its end."""
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(len(table))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in table:
        scheduler.add_job(
            _safely(worker, job), "interval", seconds=job.seconds, next_run_time=clock.now(), id=job.name
        )
    scheduler.start()
    log.info("worker %s started", worker.name)
    ahead = _ahead()
    while not stop.wait(
        _WAKE
    ):  # a signal that reaches another thread, as after a freeze, does not wake this one
        ahead, before = _ahead(), ahead
        if before - ahead > _SET_BACK:
            _all_now(scheduler)
    log.info("worker %s stops", worker.name)
    worker.stopping.set()
    scheduler.shutdown(wait=False)
    closing = threading.Thread(target=worker.close, daemon=True)
    closing.start()
    closing.join(_GRACE)
    return not (closing.is_alive() or worker.busy)


def _ahead() -> timedelta:
    """How far the wall clock is before one that nobody can set."""
    return clock.now() - datetime.fromtimestamp(time.monotonic(), UTC)


def _all_now(scheduler: BackgroundScheduler) -> None:
    """The clock was set back: jobs would wait until it is again as late as they were due."""
    for job in scheduler.get_jobs():
        job.modify(next_run_time=clock.now())


def _safely(worker: Worker, job: Job) -> Callable[[], None]:
    def run_job() -> None:
        if worker.stopping.is_set():
            return
        try:
            job.run(worker)
        except DatabaseDown as error:
            worker.note(staff_sentence(error))
        except Exception as error:  # noqa: BLE001 - a bug in one job must not stop the others
            worker.note_bug(job.name, error)

    return run_job


def _on_signals(stop: threading.Event) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


def _migrated(database: Database, stop: threading.Event) -> bool:
    while not stop.is_set():
        try:
            schema.migrate(database)
        except DatabaseDown:
            log.warning("The database cannot be reached yet.")
            stop.wait(_RETRY)
        else:
            return True
    return False


if __name__ == "__main__":
    main()
