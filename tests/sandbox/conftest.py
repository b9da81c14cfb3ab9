import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from genko.sandbox import World, running
from tests.sandbox.twilio.sdk import client

if TYPE_CHECKING:
    from twilio.rest import Client

SID = "AC" + "1" * 32
TOKEN = "secret-token"
SENDER = "+4930123456"
ANA = "+34600123456"


class Scene:
    """One clinic at Twilio, the SDK pointed at it, and the control API."""

    def __init__(self, world: World, base: str, http: httpx.Client) -> None:
        self.world = world
        self.base = base
        self.http = http
        self.twilio_url = f"{base}/twilio"
        self.twilio: Client = client(self.twilio_url, SID, TOKEN)
        self.control("accounts", id=SID, token=TOKEN, address=SENDER, name="Smile Clinic")

    def control(self, path: str, /, **body: Any) -> Any:
        """`path` below Twilio's part of the control API."""
        answer = self.http.post(f"{self.base}/sandbox/twilio/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def look(self, path: str) -> Any:
        return self.http.get(f"{self.base}/sandbox/twilio/{path}").raise_for_status().json()

    def ana_writes(self, body: str = "Hello", **more: Any) -> Any:
        return self.control("inbound", account=SID, **{"from": ANA, "body": body, **more})

    def ana(self, **change: Any) -> Any:
        return self.control("patients", account=SID, patient=ANA, **change)

    def send(self, body: str = "Good morning", **more: Any) -> Any:
        order = {"to": f"whatsapp:{ANA}", "from_": f"whatsapp:{SENDER}", "body": body, **more}
        return self.twilio.messages.create(**order)

    def fault(self, kind: str, **more: Any) -> Any:
        return self.control("faults", kind=kind, **more)

    def status(self, sid: str) -> Any:
        return self.twilio.messages(sid).fetch().status

    def creates(self) -> int:
        return sum(one["count"] for one in self.look("counters")["creates"])


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[World, str, httpx.Client]]:
    world = World()
    with running(world) as base, httpx.Client(trust_env=False) as http:
        yield world, base, http


@pytest.fixture
def scene(served: tuple[World, str, httpx.Client]) -> Scene:
    world, base, http = served
    world.reset()
    world.step = 0
    return Scene(world, base, http)


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    def wait(happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 5
        while not happened():
            assert time.monotonic() < deadline, "did not happen in time"
            time.sleep(0.02)

    return wait
