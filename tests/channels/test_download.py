"""Fetching a file from a server that does it slowly."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from genko.channels import download
from genko.channels.base import ChannelError, Trouble


@pytest.fixture
def dripping() -> Iterator[str]:
    """Sends a byte of a large file every now and then, always before anybody's patience with one read ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            try:
                while not ended.wait(0.02):
                    connection.sendall(b"x")
            except OSError:
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/file"
    ended.set()
    thread.join(5)
    listener.close()


@pytest.fixture
def moved() -> Iterator[Callable[[str], str]]:
    """A server that answers once: the file is at another address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def towards(target: str) -> str:
        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(
                    f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
                )

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/file"

    yield towards
    listener.close()


def test_a_file_that_drips_is_given_up_for_now(dripping: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_LONGEST", 0.3)
    asked = time.monotonic()
    with pytest.raises(ChannelError) as caught:
        download.download(dripping, ("AC", "token"), 2_000_000)
    assert (caught.value.trouble, time.monotonic() - asked < 10) == (Trouble.BUSY, True)
    assert "too slowly" in caught.value.reason


@pytest.mark.parametrize("target", ["http://[bad", "http://a b/", "http://host:port/"])
def test_an_address_that_is_none_is_a_file_that_cannot_be_had(
    moved: Callable[[str], str], target: str
) -> None:
    with pytest.raises(ChannelError) as caught:
        download.download(moved(target), ("AC", "token"), 1000)
    assert caught.value.trouble is Trouble.BUSY
