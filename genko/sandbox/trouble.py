"""ASGI middleware that counts every request and spoils the ones a fault is set for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genko.sandbox.calls import Call
from genko.sandbox.errors import ApiError
from genko.sandbox.faults import Fault, FaultKind
from genko.sandbox.world import World

PROXY_PAGE = "<!doctype html><title>Bad gateway</title><h1>We will be right back</h1>"


class Trouble:
    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app = app
        self.world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call.of(scope) if scope["type"] == "http" else None
        fault = self._count(call) if call else None
        if fault is None:
            await self.app(scope, receive, send)
        else:
            await SPOILERS[fault.kind](Exchange(self.app, scope, receive, send), fault)

    def _count(self, call: Call) -> Fault | None:
        self.world.counters.requests[call.kind] += 1
        return self.world.faults.on_the_wire(call)


@dataclass(frozen=True)
class Exchange:
    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send

    async def proceed(self) -> None:
        await self.app(self.scope, self.receive, self.send)

    async def answer(self, response: Response) -> None:
        await response(self.scope, self.receive, self.send)

    async def worked_out(self) -> tuple[Message, bytes]:
        """Let the app do its work and keep its answer instead of sending it."""
        sent: list[Message] = []

        async def collect(message: Message) -> None:
            sent.append(message)

        await self.app(self.scope, self.receive, collect)
        return sent[0], b"".join(part.get("body", b"") for part in sent[1:])

    async def caller_gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass


async def _refuse(exchange: Exchange, fault: Fault) -> None:
    answer = ApiError(429, 20429, "Too many requests").response()
    answer.headers["Retry-After"] = str(max(1, round(fault.seconds)))
    await exchange.answer(answer)


async def _fail(exchange: Exchange, fault: Fault) -> None:
    error = ApiError(fault.status, 20500, "An internal server error has occurred")
    await exchange.answer(error.response())


async def _work_and_fail(exchange: Exchange, fault: Fault) -> None:
    await exchange.worked_out()
    await _fail(exchange, fault)


async def _work_and_hang(exchange: Exchange, fault: Fault) -> None:
    """Whoever is still there after the wait gets the first line and a closed connection."""
    start, _ = await exchange.worked_out()
    try:
        await asyncio.wait_for(exchange.caller_gone(), fault.seconds)
    except TimeoutError:
        await exchange.send(start)


async def _cut(exchange: Exchange, _: Fault) -> None:
    """Returning before the announced length is out makes the server drop the connection."""
    start, body = await exchange.worked_out()
    await exchange.send(start)
    await exchange.send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


async def _truncate(exchange: Exchange, _: Fault) -> None:
    start, body = await exchange.worked_out()
    half = body[: len(body) // 2]
    await exchange.answer(Response(half, start["status"], media_type="application/json"))


async def _proxy_page(exchange: Exchange, _: Fault) -> None:
    await exchange.answer(HTMLResponse(PROXY_PAGE))


async def _slow(exchange: Exchange, fault: Fault) -> None:
    await asyncio.sleep(fault.seconds)
    await exchange.proceed()


SPOILERS: dict[FaultKind, Callable[[Exchange, Fault], Awaitable[None]]] = {
    FaultKind.TOO_MANY_REQUESTS: _refuse,
    FaultKind.ERROR_BEFORE: _fail,
    FaultKind.ERROR_AFTER: _work_and_fail,
    FaultKind.HANG_AFTER: _work_and_hang,
    FaultKind.CUT: _cut,
    FaultKind.TRUNCATED_JSON: _truncate,
    FaultKind.HTML_PAGE: _proxy_page,
    FaultKind.SLOW: _slow,
}
