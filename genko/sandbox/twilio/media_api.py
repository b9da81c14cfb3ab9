"""Attachments: their list, the redirect to the bytes, and the storage host that wants no credentials."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from genko.sandbox.faults import FaultKind
from genko.sandbox.records import Media
from genko.sandbox.twilio.credentials import message_asked_for, provider_of, take_fault
from genko.sandbox.twilio.errors import not_found
from genko.sandbox.twilio.messages_api import MESSAGES
from genko.sandbox.twilio.shapes import media_json, message_uri

MEDIA = f"{MESSAGES}/{{message}}/Media"


async def list_media(request: Request) -> Response:
    message = message_asked_for(request)
    uri = f"{message_uri(message)}/Media.json?PageSize=50&Page=0"
    answer = {
        "media_list": [media_json(message, media) for media in message.media],
        "page": 0,
        "page_size": 50,
        "start": 0,
        "end": max(0, len(message.media) - 1),
        "uri": uri,
        "first_page_uri": uri,
        "next_page_uri": None,
        "previous_page_uri": None,
    }
    return JSONResponse(answer)


async def details(request: Request) -> Response:
    return JSONResponse(media_json(message_asked_for(request), _media(request)))


async def redirect(request: Request) -> Response:
    """To another host name, as Twilio does: a client that follows must drop its credentials."""
    media = _media(request)
    _fail_if_missing(request)
    return RedirectResponse(
        f"http://localhost:{request.url.port}{request.scope['root_path']}/cdn/{media.key}", 307
    )


async def delete(request: Request) -> Response:
    message_asked_for(request).media.remove(_media(request))
    return Response(status_code=204)


async def content(request: Request) -> Response:
    provider = provider_of(request)
    if "authorization" in request.headers:
        provider.counters.leaked_authorizations += 1
        return Response("Only one auth mechanism allowed", 400)
    _fail_if_missing(request)
    media = provider.media.get(request.path_params["key"])
    if media is None:
        return Response(status_code=404)
    return Response(media.data, headers={"Content-Type": media.content_type})


def _media(request: Request) -> Media:
    for media in message_asked_for(request).media:
        if media.id == request.path_params["media"]:
            return media
    raise not_found(request)


def _fail_if_missing(request: Request) -> None:
    if take_fault(request, FaultKind.MEDIA_MISSING):
        raise not_found(request)


routes = [
    Route(f"{MEDIA}.json", list_media, methods=["GET"]),
    Route(f"{MEDIA}/{{media}}.json", details, methods=["GET"]),
    Route(f"{MEDIA}/{{media}}.json", delete, methods=["DELETE"]),
    Route(f"{MEDIA}/{{media}}", redirect, methods=["GET"]),
    Route("/cdn/{key}", content, methods=["GET"]),
]
