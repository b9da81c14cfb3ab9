"""A worker beside providers that do not answer, and its end in the middle of its work."""

import logging
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from threading import Event, Thread
from types import SimpleNamespace

import apscheduler.schedulers.base
import pytest

from genko import clock
from genko.channels.base import Delivery
from genko.messages.models import Message
from genko.worker_leases import Heartbeat, Lease, pulse
from scheduler.__main__ import run
from scheduler.jobs import Job
from scheduler.worker import HANGS_AFTER, Worker
from tests.factories import Clinic
from tests.steps import assert_consistent, everything, message, queue
from tests.workers import Workers, eventually


@pytest.fixture
def worker(clinic: Clinic) -> Iterator[Worker]:
    worker = Worker(clinic.database, clinic.connector)
    yield worker
    worker.close()


def test_accounts_whose_provider_never_answers_delay_nobody_else(clinic: Clinic, worker: Worker) -> None:
    answer, reached = Event(), Event()
    lost = [replace(clinic.due(), id=number) for number in (100, 101, 102)]
    for due in lost:
        for job in range(8):
            worker.start(f"job {job}", due, lambda *_: answer.wait(30), lease=None)
    worker.start("fetch", clinic.due(), lambda *_: reached.set(), lease=None)
    assert reached.wait(5)
    answer.set()


def test_an_account_is_worked_on_once_at_a_time_for_each_job(clinic: Clinic, worker: Worker) -> None:
    answer, begun = Event(), []

    def work(*_: object) -> None:
        begun.append(1)
        answer.wait(30)

    for _ in range(5):
        worker.start("fetch", clinic.due(), work, lease=None)
    answer.set()
    eventually(lambda: not worker.busy)
    assert begun == [1]
    worker.start("fetch", clinic.due(), work, lease=None)
    eventually(lambda: len(begun) == 2)


def test_jobs_go_on_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shifted(datetime):
        """What the scheduler takes for now."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + ahead

    ahead, ran, stop = timedelta(hours=1), [], Event()
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Shifted)
    monkeypatch.setattr(clock, "now", partial(Shifted.now, UTC))
    job = Job("fetch", 0.2, lambda _worker: ran.append(ahead))
    worker = SimpleNamespace(name="w", stopping=Event(), busy=False, close=lambda: None)
    running = Thread(target=run, args=(worker, (job,), stop), daemon=True)
    running.start()
    eventually(lambda: len(ran) > 1)
    ahead = timedelta()
    try:
        eventually(lambda: ran.count(ahead) > 1)
    finally:
        stop.set()
    running.join(30)
    assert not running.is_alive()


@pytest.mark.slow
def test_a_worker_ends_within_seconds_while_its_provider_does_not_answer(
    clinic: Clinic, staffed: Workers
) -> None:
    clinic.sandbox.fault("hang_after", method="GET", seconds=60)
    process = staffed.start_quick()
    eventually(lambda: clinic.sandbox.counters()["requests"].get("list", 0) >= 2, "the hanging calls")
    asked = time.monotonic()
    process.terminate()
    process.join(20)
    assert process.exitcode == 0
    assert time.monotonic() - asked < 8
    assert everything(clinic.database, Lease) == everything(clinic.database, Heartbeat) == []


@pytest.mark.slow
def test_a_worker_that_is_ended_between_two_messages_leaves_the_rest_to_the_next_one(
    clinic: Clinic, staffed: Workers
) -> None:
    people = [f"+49151000000{number:02}" for number in range(12)]
    replies = [queue(clinic, clinic.conversation_with(phone=one), f"To {one}") for one in people]
    clinic.sandbox.fault("slow", method="POST", seconds=0.7)
    process = staffed.start_quick()
    eventually(lambda: clinic.sandbox.counters()["creates"], "the first message")
    asked = time.monotonic()
    process.terminate()
    process.join(20)
    assert process.exitcode == 0
    assert time.monotonic() - asked < 5
    left = [one for one in everything(clinic.database, Message) if one.delivery is Delivery.QUEUED]
    sent = clinic.sandbox.counters()["creates"]
    assert (len(left) + len(sent), len(left) > 0) == (len(replies), True)
    clinic.sandbox.clear_faults()
    staffed.start_quick()
    eventually(lambda: _all_delivered(clinic), "the rest")
    assert [one["count"] for one in clinic.sandbox.counters()["creates"]] == [1] * len(replies)
    assert_consistent(clinic.database)


# On SQLite whoever is frozen may hold the one lock there is, and everybody waits for it to wake up.
@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_worker_that_was_frozen_between_claim_and_call_sends_nothing_when_it_wakes_up(
    clinic: Clinic, staffed: Workers
) -> None:
    reply = queue(clinic, clinic.conversation_with(), "Of course!")
    frozen = staffed.start_quick("frozen between claim and call", "Of course!")
    eventually(lambda: message(clinic, reply).delivery is Delivery.SENDING, "the claim")
    staffed.start_quick()
    eventually(lambda: message(clinic, reply).delivery is Delivery.UNCONFIRMED, "the sweep")
    os.kill(frozen.pid, signal.SIGCONT)
    frozen.terminate()
    frozen.join(20)
    assert frozen.exitcode == 0
    eventually(lambda: message(clinic, reply).needs_a_person, "the question to staff")
    assert clinic.sandbox.creates("Of course!") == 0


def _all_delivered(clinic: Clinic) -> bool:
    return all(one.delivery in {None, Delivery.DELIVERED} for one in everything(clinic.database, Message))


def test_work_that_hangs_is_told_of(clinic: Clinic, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, moves, moved = Event(), Event(), Event()

    def move(worker: Worker, _due: object) -> None:
        moves.wait(30)
        worker.checkpoint()
        moved.set()
        answer.wait(30)

    worker.start("fetch", clinic.due(), move, lease=None)
    worker.beat()
    with clinic.database.reading() as session:
        assert pulse(session).last_error == ""
    now = time.monotonic()
    monkeypatch.setattr("scheduler.worker.monotonic", lambda: now + HANGS_AFTER + 1)
    worker.beat()
    with clinic.database.reading() as session:
        assert f"fetch:{clinic.account_id} has not moved for 3 minutes" in pulse(session).last_error
    moves.set()
    assert moved.wait(5)
    worker.beat()
    with clinic.database.reading() as session:
        assert pulse(session).last_error == ""
    answer.set()


def test_what_stays_wrong_is_logged_once_a_minute(
    worker: Worker, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            worker.note("The database cannot be reached.")
        worker.note("The disk is full.")
        now = time.monotonic()
        monkeypatch.setattr("scheduler.worker.monotonic", lambda: now + 61)
        worker.note("The disk is full.")
    assert caplog.messages == ["The database cannot be reached.", "The disk is full.", "The disk is full."]
