"""Fixtures for the tests that speak to the sandbox a lot: one server, one connection."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from genko import clock
from genko.sandbox import World, running
from tests.sandbox_client import Sandbox
from tests.steps import Travel


class QuickSandbox(Sandbox):
    """Keeps its connection: making one costs more than most of what is said over it."""

    http = httpx.Client(trust_env=False, timeout=10)

    def mend(self) -> None:
        self.http.delete(f"{self.base_url}/sandbox/faults").raise_for_status()

    def _post(self, path: str, /, **body: Any) -> Any:
        answer = self.http.post(f"{self.base_url}/sandbox/{path}", json=body).raise_for_status()
        return answer.json() if answer.content else None

    def _get(self, path: str) -> Any:
        return self.http.get(f"{self.base_url}/sandbox/{path}").raise_for_status().json()


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    with running(World(step=0)) as base_url:
        yield QuickSandbox(base_url)


@pytest.fixture
def sandbox(served: Sandbox) -> Sandbox:
    """One server for all these tests, empty for each: starting one takes longer than most of them."""
    served._post("reset")
    served._post("pace", step=0)
    return served


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """Moves the program's clock; the sandbox keeps its own."""
    moved = Travel()
    monkeypatch.setattr(clock, "now", moved.now)
    return moved
