"""ASGI middleware around a provider: counts every request and spoils the ones that a fault is set for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genko.sandbox.calls import Call, kind_of, path_at_provider
from genko.sandbox.faults import Fault, FaultKind
from genko.sandbox.stand_in import StandIn
from genko.sandbox.world import Provider

PROXY_PAGE = "<!doctype html><title>Bad gateway</title><h1>We will be right back</h1>"


class FaultMiddleware:
    def __init__(self, app: ASGIApp, provider: Provider, stand_in: StandIn) -> None:
        self.app = app
        self.provider = provider
        self.stand_in = stand_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        call = self._call(scope)
        scope.setdefault("state", {})["call"] = call
        self.provider.counters.requests[call.kind] += 1
        fault = self.provider.faults.on_the_wire(call)
        exchange = Exchange(self.app, self.stand_in, scope, receive, send)
        await (SPOILERS[fault.kind](exchange, fault) if fault else exchange.proceed())

    def _call(self, scope: Scope) -> Call:
        method, path = str(scope["method"]), path_at_provider(scope)
        kind = kind_of(method, path, self.stand_in.call_patterns)
        return Call(kind, method, path, self.stand_in.account_in(scope))


@dataclass(frozen=True)
class Exchange:
    app: ASGIApp
    stand_in: StandIn
    scope: Scope
    receive: Receive
    send: Send

    async def proceed(self) -> None:
        await self.app(self.scope, self.receive, self.send)

    async def answer(self, response: Response) -> None:
        await response(self.scope, self.receive, self.send)

    async def answer_withheld(self) -> tuple[Message, bytes]:
        """Lets the app do its work; returns its answer instead of sending it."""
        sent: list[Message] = []

        async def collect(message: Message) -> None:
            sent.append(message)

        await self.app(self.scope, self.receive, collect)
        return sent[0], b"".join(part.get("body", b"") for part in sent[1:])

    async def wait_until_client_disconnects(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass


async def _refuse(exchange: Exchange, fault: Fault) -> None:
    answer = exchange.stand_in.refusal(HTTPStatus.TOO_MANY_REQUESTS)
    answer.headers["Retry-After"] = str(max(1, round(fault.seconds)))
    await exchange.answer(answer)


async def _fail(exchange: Exchange, fault: Fault) -> None:
    await exchange.answer(exchange.stand_in.refusal(fault.status))


async def _work_and_fail(exchange: Exchange, fault: Fault) -> None:
    await exchange.answer_withheld()
    await _fail(exchange, fault)


async def _work_and_hang(exchange: Exchange, fault: Fault) -> None:
    """A client that is still connected after the wait gets the status line and a closed connection."""
    start, _ = await exchange.answer_withheld()
    try:
        await asyncio.wait_for(exchange.wait_until_client_disconnects(), fault.seconds)
    except TimeoutError:
        await exchange.send(start)


async def _cut(exchange: Exchange, _: Fault) -> None:
    """The server drops the connection when the app returns before the announced length has been sent."""
    start, body = await exchange.answer_withheld()
    await exchange.send(start)
    await exchange.send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


async def _truncate(exchange: Exchange, _: Fault) -> None:
    start, body = await exchange.answer_withheld()
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
