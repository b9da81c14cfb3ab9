"""A disk that is full: nothing is lost, nothing is sent twice, and everybody is told what to do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import sqlalchemy as sa

from genko.channels.base import Delivery
from genko.db import DatabaseDown, staff_sentence
from genko.messages.models import Message
from scheduler.worker import Worker
from tests import steps
from tests.factories import Clinic
from tests.steps import assert_consistent, bodies, everything, message, queue

# PostgreSQL's disk cannot be filled from here; its error has the same class and reads as surely.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LONG = "It hurts." * 1000


@contextmanager
def full_disk(clinic: Clinic) -> Iterator[None]:
    """The file may not grow, as SQLite itself would find it."""
    engine = clinic.database.engine

    def cap(connection: Any, _record: Any = None) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # that is: as many as there are

    sa.event.listen(engine, "connect", cap)
    engine.dispose()
    yield
    sa.event.remove(engine, "connect", cap)
    engine.dispose()


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(DatabaseDown) as caught:
        work()
    return staff_sentence(caught.value)


def test_what_comes_in_meanwhile_comes_in_afterwards(clinic: Clinic) -> None:
    clinic.sandbox.patient_writes(LONG)
    with full_disk(clinic):
        assert "disk is full" in refused(clinic.fetch)
    assert everything(clinic.database, Message) == []
    clinic.fetch()
    assert bodies(everything(clinic.database, Message)) == [LONG]
    assert_consistent(clinic.database)


def test_what_staff_write_is_refused_in_words_and_what_waits_is_sent_once(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    waiting = queue(clinic, opened, "At nine")
    with full_disk(clinic):
        # More than one: the first may find room in pages that are there already.
        assert "disk is full" in refused(
            lambda: [queue(clinic, opened, f"{number} {LONG[:1500]}") for number in range(20)]
        )
        with suppress(DatabaseDown):
            steps.deliver(clinic)
    steps.deliver(clinic)
    steps.deliver(clinic)
    assert clinic.sandbox.creates("At nine") == 1
    assert message(clinic, waiting).delivery in {Delivery.SENT, Delivery.DELIVERED}
    assert_consistent(clinic.database)


def test_the_worker_says_so(clinic: Clinic) -> None:
    worker = Worker(clinic.database, clinic.connector)
    clinic.sandbox.patient_writes(LONG)
    with full_disk(clinic):
        worker.start("fetch", clinic.due(), lambda *_: clinic.fetch(), lease=None)
        worker.close()
    assert "disk is full" in worker.last_error
