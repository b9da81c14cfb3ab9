from collections.abc import Iterator

import httpx
import pytest

pytest.register_assert_rewrite("tests.steps")

from genko import clock  # noqa: E402
from genko.sandbox import World, running
from tests.sandbox_client import Sandbox
from tests.steps import Travel


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    with running(World(step=0)) as base_url:
        yield Sandbox(base_url)


@pytest.fixture
def sandbox(served: Sandbox) -> Sandbox:
    """One server for all these tests, empty for each: starting one takes longer than most of them."""
    httpx.post(f"{served.base_url}/sandbox/reset", json={}).raise_for_status()
    httpx.post(f"{served.base_url}/sandbox/pace", json={"step": 0}).raise_for_status()
    return served


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """Moves the program's clock; the sandbox keeps its own."""
    moved = Travel()
    monkeypatch.setattr(clock, "now", moved.now)
    return moved
