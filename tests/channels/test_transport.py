"""One client for each account, shared by the threads of its jobs."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from genko.channels.base import ChannelError
from genko.channels.outgoing import Outgoing, TextPart
from genko.channels.providers.whatsapp import WhatsApp
from tests.factories import Clinic, connect_account
from tests.sandbox_client import SENDER, SID, TOKEN
from tests.steps import at_once


def text_message(body: str) -> Outgoing:
    return Outgoing("whatsapp:+491510000001", (TextPart(body),), idempotency_key=body)


def test_an_account_keeps_its_client_until_its_credentials_change(clinic: Clinic) -> None:
    first = clinic.connector.channel(clinic.due())
    assert clinic.connector.channel(clinic.due()) is first
    clinic.sandbox.add_account(token="a-new-token")
    with clinic.database.transaction() as session:
        connect_account(session, clinic.connector, clinic.ada, token="a-new-token")
    second = clinic.connector.channel(clinic.due())
    assert second is not first
    second.check()


def test_threads_that_share_a_client_each_get_their_own_answers(clinic: Clinic) -> None:
    clinic.sandbox.patient_writes()
    channel = clinic.connector.channel(clinic.due())
    sent = [channel.send(text_message(str(number))).provider_id for number in range(6)]

    def look(provider_id: str) -> None:
        for _ in range(15):
            assert channel.receipt(provider_id).provider_id == provider_id

    at_once(*(partial(look, one) for one in sent))


class Counting(BaseHTTPRequestHandler):
    """Notes each request with the connection that it came over."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, int]]

    def do_GET(self) -> None:
        self.asked.append((self.command, self.client_address[1]))
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def counting() -> Iterator[str]:
    Counting.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_reading_keeps_its_connection_and_sending_never_uses_one_that_has_idled(counting: str) -> None:
    channel = WhatsApp({"account_sid": SID, "auth_token": TOKEN, "sender": SENDER}, counting)
    for work in (
        partial(channel.receipt, "SM1"),
        partial(channel.send, text_message("Hello")),
        partial(channel.receipt, "SM1"),
        partial(channel.send, text_message("Hello")),
    ):
        with suppress(ChannelError):
            work()
    reads = {port for method, port in Counting.asked if method == "GET"}
    sends = [port for method, port in Counting.asked if method == "POST"]
    assert (len(reads), len(set(sends)), reads & set(sends)) == (1, 2, set())
