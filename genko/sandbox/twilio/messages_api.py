"""Sending, fetching and listing messages."""

import random
from datetime import timedelta

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from genko.sandbox import statuses
from genko.sandbox.faults import FaultKind
from genko.sandbox.records import Account, Message
from genko.sandbox.stand_in import Json
from genko.sandbox.twilio import delivery, listing, sending
from genko.sandbox.twilio.credentials import message_asked_for, provider_of, signed_in, take_fault
from genko.sandbox.twilio.shapes import account_uri, message_json

MESSAGES = "/2010-04-01/Accounts/{account}/Messages"


async def create(request: Request) -> Response:
    account = signed_in(request)
    order = _order(await request.form())
    fault = take_fault(request, FaultKind.QUEUED)
    queued_s = fault.seconds if fault else 0
    message = sending.accept(provider_of(request), account, order, queued_s=queued_s)
    return JSONResponse(message_json(message), 201)


async def fetch(request: Request) -> Response:
    message = message_asked_for(request)
    statuses.settle(signed_in(request), provider_of(request).now())
    return JSONResponse(_seen(request, [message])[0])


async def list_messages(request: Request) -> Response:
    account = signed_in(request)
    statuses.settle(account, provider_of(request).now())
    matching = listing.matching(_visible(request, account), request.query_params)
    page = listing.page(matching, request.query_params)
    shown = _seen(request, _as_listed(request, page.messages))
    path = f"{account_uri(account.id)}/Messages.json"
    return JSONResponse(listing.page_json(page, shown, path, request.query_params))


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
    newest_first = account.messages[::-1]
    lag = take_fault(request, FaultKind.LAG)
    if lag is None:
        return newest_first
    horizon = provider_of(request).now() - timedelta(seconds=lag.seconds)
    return [message for message in newest_first if message.created_at <= horizon]


def _as_listed(request: Request, messages: list[Message]) -> list[Message]:
    if take_fault(request, FaultKind.DUPLICATES):
        messages = [message for message in messages for _ in range(2)]
    if take_fault(request, FaultKind.SHUFFLED):
        messages = random.sample(messages, len(messages))
    return messages


def _seen(request: Request, messages: list[Message]) -> list[Json]:
    confused = take_fault(request, FaultKind.OUT_OF_ORDER)
    return [
        message_json(message, delivery.mixed_up(message) if confused and not message.inbound else None)
        for message in messages
    ]


routes = [
    Route(f"{MESSAGES}.json", create, methods=["POST"]),
    Route(f"{MESSAGES}.json", list_messages, methods=["GET"]),
    Route(f"{MESSAGES}/{{message}}.json", fetch, methods=["GET"]),
]
