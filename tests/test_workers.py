"""Leases and heartbeats: several workers, each piece of work in one hand."""

from datetime import timedelta
from functools import partial

import pytest

from genko import clock, worker_leases
from genko.db import Database
from tests.steps import Travel, at_once


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    moved = Travel()
    monkeypatch.setattr(clock, "now", moved.now)
    return moved


def take(database: Database, owner: str, name: str = "fetch:1", seconds: float = 10) -> bool:
    with database.transaction() as session:
        return worker_leases.take(session, name, owner, seconds)


def test_a_lease_has_one_owner_until_it_ends(database: Database, travel: Travel) -> None:
    assert take(database, "a")
    assert not take(database, "b")
    travel.forward(seconds=9)
    assert take(database, "a")
    travel.forward(seconds=9)
    assert not take(database, "b")
    travel.forward(seconds=2)
    assert take(database, "b")
    assert not take(database, "a")


def test_of_eight_who_ask_at_once_one_gets_it(database: Database) -> None:
    got = at_once(*(partial(take, database, f"w{number}") for number in range(8)))
    assert sorted(got) == [False] * 7 + [True]


def test_who_leaves_gives_back_what_was_theirs_alone(database: Database) -> None:
    take(database, "a", "one")
    take(database, "b", "two")
    with database.transaction() as session:
        worker_leases.beat(session, "a", clock.now())
        worker_leases.release_all(session, "a")
    assert take(database, "c", "one")
    assert not take(database, "c", "two")
    with database.reading() as session:
        assert worker_leases.pulse(session).workers == 0


def test_the_pulse_counts_the_living_and_tells_their_last_error(database: Database, travel: Travel) -> None:
    with database.reading() as session:
        assert worker_leases.pulse(session) == worker_leases.Pulse(None, 0, "")
    with database.transaction() as session:
        worker_leases.beat(session, "dead", clock.now(), "Old error.")
    travel.forward(minutes=2)
    with database.transaction() as session:
        worker_leases.beat(session, "a", clock.now())
        worker_leases.beat(session, "b", clock.now(), "The database cannot be reached.")
        worker_leases.beat(session, "a", clock.now())
    with database.reading() as session:
        pulse = worker_leases.pulse(session)
    assert (pulse.workers, pulse.last_error) == (2, "The database cannot be reached.")
    assert clock.now() - pulse.at < timedelta(seconds=5)


def test_what_is_long_dead_is_forgotten(database: Database, travel: Travel) -> None:
    with database.transaction() as session:
        worker_leases.beat(session, "dead", clock.now())
        worker_leases.take(session, "job", "dead", 10)
    travel.forward(days=2)
    with database.transaction() as session:
        worker_leases.forget_old(session, clock.now() - timedelta(days=1))
    with database.reading() as session:
        assert worker_leases.pulse(session).at is None


def test_a_clock_that_is_set_back_keeps_no_dead_worker_alive(database: Database, travel: Travel) -> None:
    travel.forward(hours=1)
    with database.transaction() as session:
        worker_leases.beat(session, "dead", clock.now())
    travel.forward(hours=-1)
    with database.reading() as session:
        assert worker_leases.pulse(session).at is None
