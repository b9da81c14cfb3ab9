"""An open websocket, watched: it ends when its session does."""

from starlette.types import Message, Receive, Send

from genko.access.session_cache import Visitors
from genko.access.sessions import SignedIn
from genko.db import DatabaseDown

_POLICY = 1008
_LATER = 1013
_LOOK_EVERY = 4.0  # seconds; a screen that nobody touches must not outlive its session either


class WatchedSocket:
    def __init__(self, visitors: Visitors, token: str, farewell: bytes, receive: Receive, send: Send) -> None:
        self._visitors = visitors
        self._token = token
        self._farewell = farewell
        self._receive = receive
        self._send = send
        self._open = False
        self._over = False

    async def visitor(self) -> SignedIn | None:
        try:
            return await self._visitors.find(self._token)
        except DatabaseDown:
            return None

    async def refuse(self) -> None:
        """Before it was accepted: the browser sees 403."""
        await self._send({"type": "websocket.close", "code": _POLICY})

    async def receive(self) -> Message:
        """Every action of a page arrives here, a fragment's too, which does not run the page's own check."""
        while True:
            message: Message | None = None
            with self._visitors.while_known(self._token, _LOOK_EVERY):
                message = await self._receive()
            if message and message["type"] != "websocket.receive":
                return message
            if not await self._goes_on():
                return await self._hang_up()
            if message:
                return message

    async def _hang_up(self) -> Message:
        if self._farewell and self._open and not self._over:
            await self._send({"type": "websocket.send", "bytes": self._farewell})
        await self.end(_POLICY)
        return {"type": "websocket.disconnect", "code": _POLICY, "reason": ""}

    async def send(self, message: Message) -> None:
        """The application may still be speaking when we have hung up."""
        if self._over:
            return
        self._open = self._open or message["type"] == "websocket.accept"
        self._over = message["type"] == "websocket.close"
        await self._send(message)

    async def end(self, code: int = _LATER) -> None:
        if not self._over:
            self._over = True
            await self._send({"type": "websocket.close", "code": code})

    async def _goes_on(self) -> bool:
        try:
            return await self._visitors.find_recent(self._token) is not None
        except DatabaseDown:
            return True  # the page says so itself, and has nothing to show
