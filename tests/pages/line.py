"""A slow line between the dashboard and a page."""

import re

from playwright.sync_api import Page, WebSocketRoute
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.pages.conftest import wait_until

_WHOLE = ForwardMsg.FINISHED_SUCCESSFULLY


class Line:
    """What the server says to a page, which can be kept back as on a slow line."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._is_slow = False
        self._kept: list[bytes] = []
        self._read = 0  # of what is kept
        page.route_web_socket(re.compile("/_stcore/stream"), self._join)
        page.reload()

    def _join(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        socket.connect_to_server().on_message(self._hear)

    def _hear(self, message: str | bytes) -> None:
        if self._is_slow:
            assert isinstance(message, bytes)
            self._kept.append(message)
        else:
            self._socket.send(message)

    def keep_back(self) -> None:
        self._is_slow = True

    def wait_for_run(self, words: str = "") -> None:
        """Until the server has ended one more run of the whole page (in which it said these words)."""
        wait_until(lambda: self._page.evaluate("true") and self._has_ended(words))

    def _has_ended(self, words: str) -> bool:
        is_said = False
        for place, message in enumerate(self._kept[self._read :], self._read + 1):
            is_said = is_said or words.encode() in message
            if is_said and _ends(message, _WHOLE):
                self._read = place
                return True
        return False

    def has_said(self, words: str) -> bool:
        return any(words.encode() in one for one in self._kept)

    def let_through(self) -> None:
        self.let_through_what_was_waited_for()
        for message in self._kept:
            self._socket.send(message)
        self._is_slow = False

    def let_through_what_was_waited_for(self, *, to_its_end: bool = True) -> None:
        """Without the end, the browser keeps what has left the screen."""
        assert to_its_end or self._read
        until = self._read if to_its_end else self._read - 1
        for message in self._kept[:until]:
            self._socket.send(message)
        self._kept, self._read = self._kept[until:], self._read - until


def _ends(message: bytes, how: int) -> bool:
    said = ForwardMsg.FromString(message)
    # That a whole run went well is 0, which any other message has in that place too.
    return said.WhichOneof("type") == "script_finished" and said.script_finished == how
