"""What an account has: itself, its WhatsApp senders, its templates."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from genko.sandbox.records import Account
from genko.sandbox.stand_in import Json
from genko.sandbox.twilio.credentials import signed_in
from genko.sandbox.twilio.errors import ApiError, not_found
from genko.sandbox.twilio.shapes import PREFIX, account_json, template_json


async def account(request: Request) -> Response:
    """Answers for suspended accounts too: this is how a client learns that the account is suspended."""
    return JSONResponse(account_json(signed_in(request, active=False)))


async def senders(request: Request) -> Response:
    owner = signed_in(request)
    if request.query_params.get("Channel") != "whatsapp":
        raise ApiError(400, 20001, "Channel is required")
    return JSONResponse(_only_page("senders", [_sender(owner)], request))


async def sender(request: Request) -> Response:
    owner = signed_in(request)
    if request.path_params["sender"] != _sender_sid(owner):
        raise not_found(request)
    return JSONResponse(_sender(owner))


async def templates(request: Request) -> Response:
    owner = signed_in(request)
    rows = [template_json(owner, template) for template in owner.templates.values()]
    return JSONResponse(_only_page("contents", rows, request))


def _sender_sid(owner: Account) -> str:
    return f"XE{owner.id[2:]}"


def _sender(owner: Account) -> Json:
    sid = _sender_sid(owner)
    return {
        "sid": sid,
        "sender_id": PREFIX + owner.address,
        "status": "ONLINE",
        "profile": {"name": owner.name},
        "properties": {"quality_rating": "HIGH", "messaging_limit": "1K Customers/24hr"},
        "offline_reasons": None,
        "url": f"https://messaging.twilio.com/v2/Channels/Senders/{sid}",
    }


def _only_page(key: str, rows: list[Json], request: Request) -> Json:
    url = str(request.url.replace(scheme="https"))
    meta = {
        "key": key,
        "page": 0,
        "page_size": 50,
        "first_page_url": url,
        "previous_page_url": None,
        "next_page_url": None,
        "url": url,
    }
    return {key: rows, "meta": meta}


routes = [
    Route("/2010-04-01/Accounts/{account}.json", account, methods=["GET"]),
    Route("/v2/Channels/Senders", senders, methods=["GET"]),
    Route("/v2/Channels/Senders/{sender}", sender, methods=["GET"]),
    Route("/v1/ContentAndApprovals", templates, methods=["GET"]),
    Route("/v2/ContentAndApprovals", templates, methods=["GET"]),
]
