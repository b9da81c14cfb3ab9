"""A worker that is to end leaves its batch between two steps, with everything done so far kept."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from genko import clock
from genko.channels.models import HistoryImport
from genko.messages import delivery, fetch, files, history_import
from genko.messages.models import FileState, Message, MessageFile
from genko.worker_leases import Checkpoint, Stopped
from tests.factories import Clinic
from tests.steps import account, assert_consistent, everything, queue


def stops_at(step: int) -> Checkpoint:
    """Lets so many steps pass, then stops."""
    left = iter(range(step))

    def checkpoint() -> None:
        if next(left, None) is None:
            raise Stopped

    return checkpoint


def stopped(work: Callable[..., object], clinic: Clinic, *more: object, step: int = 1, **how: bool) -> None:
    with pytest.raises(Stopped):
        work(clinic.database, clinic.connector, clinic.due(), *more, checkpoint=stops_at(step), **how)


def test_a_sweep_that_is_left_between_two_pages_moves_no_mark(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_SWEEP_PAGE", 2)
    for number in range(5):
        clinic.sandbox.patient_writes(str(number))
    before = account(clinic).fetched_until
    stopped(fetch.fetch, clinic, step=2, sweep=True)
    assert (account(clinic).fetched_until, len(everything(clinic.database, Message))) == (before, 4)
    assert clinic.fetch(sweep=True) == 1
    assert_consistent(clinic.database)


def test_a_day_of_an_import_that_is_left_is_not_done(clinic: Clinic) -> None:
    at = (clock.now() - timedelta(hours=5)).isoformat()
    clinic.sandbox.history([{"direction": "in", "patient": "+491510000001", "at": at, "body": "Old"}])
    with clinic.database.transaction() as session:
        history_import.start_history(session, clinic.account_id, 3, by=clinic.ada)
    before = account(clinic).history_next
    stopped(history_import.import_history, clinic)
    assert (account(clinic).history, account(clinic).history_next) == (HistoryImport.RUNNING, before)


def test_messages_that_are_left_stay_in_the_outbox(clinic: Clinic) -> None:
    for number in range(3):
        queue(clinic, clinic.conversation_with(phone=f"+4915100000{number:02}"), f"Reply {number}")
    stopped(delivery.deliver, clinic, "w1", step=2)
    assert len(clinic.sandbox.counters()["creates"]) == 2
    assert delivery.deliver(clinic.database, clinic.connector, clinic.due(), "w2") == 1


def test_files_that_are_left_are_fetched_later(clinic: Clinic) -> None:
    clinic.sandbox.patient_writes("", media=[{"kind": "image"}] * 3)
    clinic.fetch()
    stopped(files.fetch_files, clinic)
    states = [one.state for one in everything(clinic.database, MessageFile)]
    assert sorted(states) == [FileState.PENDING, FileState.PENDING, FileState.STORED]
