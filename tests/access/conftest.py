"""A quick Argon2, and a gate with a small application behind it."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from genko import clock
from genko.access import passwords
from genko.settings import Settings
from tests.access.people import Clock, behind_gate


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.fixture
def time(monkeypatch) -> Clock:
    """A clock that stands still until told otherwise."""
    stopped = Clock(clock.now() - timedelta(days=1))
    monkeypatch.setattr("genko.clock.now", stopped.now)
    return stopped


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data_dir=tmp_path, session_idle_minutes=30, public_url="", trusted_proxies="")


@pytest.fixture
def browser(database, settings) -> TestClient:
    return behind_gate(database, settings)
