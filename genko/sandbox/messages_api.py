"""Sending, fetching and listing messages."""

import random
from datetime import timedelta

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from genko.sandbox import listing, sending, statuses
from genko.sandbox.calls import Call
from genko.sandbox.credentials import message_asked_for, signed_in, world_of
from genko.sandbox.faults import FaultKind
from genko.sandbox.records import Account, Message
from genko.sandbox.shapes import Json, account_uri, message_json

MESSAGES = "/2010-04-01/Accounts/{account}/Messages"


async def create(request: Request) -> Response:
    account = signed_in(request)
    world, order = world_of(request), _order(await request.form())
    queue = world.faults.take(FaultKind.QUEUED, Call.of(request.scope))
    message = sending.accept(world, account, order, queued_for=queue.seconds if queue else 0)
    return JSONResponse(message_json(message), 201)


async def fetch(request: Request) -> Response:
    message = message_asked_for(request)
    statuses.settle(signed_in(request), world_of(request).now())
    return JSONResponse(_seen(request, [message])[0])


async def list_messages(request: Request) -> Response:
    account = signed_in(request)
    statuses.settle(account, world_of(request).now())
    wanted = listing.matching(_visible(request, account), request.query_params)
    found = listing.page(wanted, request.query_params)
    shown = _seen(request, _as_listed(request, found.messages))
    path = f"{account_uri(account.sid)}/Messages.json"
    return JSONResponse(listing.page_json(found, shown, path, request.query_params))


def _order(form: FormData) -> sending.Order:
    def text(name: str) -> str:
        return str(form.get(name, ""))

    return sending.Order(
        to=text("To"),
        sender=text("From"),
        body=text("Body"),
        media_urls=[str(url) for url in form.getlist("MediaUrl")],
        content_sid=text("ContentSid"),
        content_variables=text("ContentVariables"),
    )


def _visible(request: Request, account: Account) -> list[Message]:
    """Newest first, without the newest seconds while the list lags behind."""
    world = world_of(request)
    newest_first = account.messages[::-1]
    lag = world.faults.take(FaultKind.LAG, Call.of(request.scope))
    if lag is None:
        return newest_first
    horizon = world.now() - timedelta(seconds=lag.seconds)
    return [message for message in newest_first if message.created_at <= horizon]


def _as_listed(request: Request, messages: list[Message]) -> list[Message]:
    faults, call = world_of(request).faults, Call.of(request.scope)
    if faults.take(FaultKind.DUPLICATES, call):
        messages = [message for message in messages for _ in range(2)]
    if faults.take(FaultKind.SHUFFLED, call):
        messages = random.sample(messages, len(messages))
    return messages


def _seen(request: Request, messages: list[Message]) -> list[Json]:
    confused = world_of(request).faults.take(FaultKind.OUT_OF_ORDER, Call.of(request.scope))
    return [
        message_json(one, statuses.mixed_up(one) if confused and not one.inbound else None)
        for one in messages
    ]


routes = [
    Route(f"{MESSAGES}.json", create, methods=["POST"]),
    Route(f"{MESSAGES}.json", list_messages, methods=["GET"]),
    Route(f"{MESSAGES}/{{message}}.json", fetch, methods=["GET"]),
]
