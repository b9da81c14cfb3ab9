"""An open Messages screen without a browser: Streamlit's websocket, the live websocket, and the fetches of both panes."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.load_http import Connection

_INBOX = "/admin/api/inbox?tab=active&order=activity&rows=50"
_PATIENCE_S = 60.0


@dataclass(eq=False)
class Screen:
    """`note` hears each list that it gets, with the moment."""

    base_url: str
    token: str
    conversation_id: int
    note: Callable[["Screen", bytes, float], None]
    script_runs: int = 0
    fetches: int = 0
    _etags: dict[str, str] = field(default_factory=dict)
    _http: Connection = field(init=False)
    _finished: asyncio.Event = field(default_factory=asyncio.Event)
    _asking: bool = False
    _stale: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._http = Connection(self.base_url, self._headers)

    async def open(self, tasks: asyncio.TaskGroup) -> None:
        """Until the first run of the page's script has ended and the screen is live."""
        self._stream = await self._connect("_stcore/stream")
        tasks.create_task(self._count_runs())
        await self.run_script(self.conversation_id)
        self._live = await self._connect("api/live")
        tasks.create_task(self._follow())

    async def close(self) -> None:
        await asyncio.gather(self._stream.close(), self._live.close())

    async def run_script(self, conversation_id: int) -> float:
        """What Streamlit does at a click on a row; seconds until the script has ended."""
        started = time.monotonic()
        self._finished.clear()
        message = BackMsg()
        message.rerun_script.query_string = f"c={conversation_id}"
        message.rerun_script.page_name = "messages"
        await self._stream.send(message.SerializeToString())
        async with asyncio.timeout(_PATIENCE_S):
            await self._finished.wait()
        return time.monotonic() - started

    async def click(self, conversation_id: int) -> float:
        """Seconds until the thread of another conversation is here to be painted; the script follows by itself."""
        started = time.monotonic()
        following = asyncio.create_task(self.run_script(conversation_id))
        answer = await self._http.ask("POST", f"/admin/api/thread/{conversation_id}")
        assert answer.status == HTTPStatus.OK, answer
        painted = time.monotonic() - started
        self.conversation_id = conversation_id
        await following
        return painted

    @property
    def _headers(self) -> dict[str, str]:
        return {"Cookie": f"genko_session={self.token}", "Origin": self.base_url}

    async def _connect(self, path: str) -> ClientConnection:
        url = f"{self.base_url.replace('http', 'ws')}/admin/{path}"
        subprotocols = [Subprotocol("streamlit")] if path.startswith("_stcore") else None
        return await connect(
            url,
            additional_headers=self._headers,
            compression=None,
            max_size=None,
            subprotocols=subprotocols,
            open_timeout=_PATIENCE_S,
            ping_interval=None,
        )

    async def _count_runs(self) -> None:
        async for frame in self._stream:
            assert isinstance(frame, bytes)
            kind = ForwardMsg.FromString(frame).WhichOneof("type")
            self.script_runs += kind == "new_session"
            if kind == "script_finished":
                self._finished.set()

    async def _follow(self) -> None:
        async for frame in self._live:
            push = json.loads(frame)
            topics = set(push["topics"])
            wanted = {_INBOX} if topics & {"everything", "conversations", "unread", "minute"} else set()
            if topics & {"everything", f"conversation:{self.conversation_id}"}:
                wanted.add(f"/admin/api/thread/{self.conversation_id}?messages=50")
            self._stale |= wanted
            if self._stale and not self._asking:
                self._asking = True
                asyncio.create_task(self._ask(random.random() * push["spread_ms"] / 1000))  # noqa: RUF006

    async def _ask(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        while self._stale:
            await self._fetch(self._stale.pop())
        self._asking = False

    async def _fetch(self, address: str) -> None:
        known = {"If-None-Match": self._etags[address]} if address in self._etags else {}
        answer = await self._http.ask("GET", address, known)
        self.fetches += 1
        if answer.status != HTTPStatus.OK:
            return
        self._etags[address] = answer.headers["etag"]
        if address == _INBOX:
            self.note(self, answer.content, time.monotonic())
        else:
            await self._mark_seen(json.loads(answer.content))

    async def _mark_seen(self, thread: dict[str, Any]) -> None:
        """A visible page marks what it shows as read."""
        if thread["unread"]:
            seen = json.dumps({"inbound_seen": thread["inbound_count"]}).encode()
            await self._http.ask("POST", f"/admin/api/thread/{thread['conversation']}/seen", {}, seen)
