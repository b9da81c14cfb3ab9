"""Small HTTP routes beside the pages, behind the gate: drafts as they are typed, and patients' files."""

import json
import re
from typing import TypedDict
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from genko.access.sessions import SignedIn
from genko.db import Database
from genko.errors import Refused
from genko.messages import composing, drafts, serving
from genko.messages.serving import ServedFile
from genko.text import storable

_LARGEST_DRAFT = 200_000  # bytes of JSON
_LARGEST_ID = 2**63 - 1
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})", re.ASCII)

Span = tuple[int, int]  # the first and the last byte


def create_routes(database: Database) -> list[BaseRoute]:
    async def save_draft(request: Request) -> Response:
        staff: SignedIn = request.scope["genko_staff"]
        draft = _draft(await _body(request))

        def save() -> tuple[bool, str | None]:
            with database.transaction() as session:
                saved = drafts.save(session, request.path_params["id"], by=staff.staff_id, **draft)
                return saved, None if saved else composing.sent_under(session, draft["token"])

        saved, went_out = await to_thread.run_sync(save)
        # 409: that draft has been sent meanwhile, in this tab or another.
        sent = {} if went_out is None else {"went_out": went_out}
        return JSONResponse({"saved": saved} | sent, 200 if saved else 409)

    async def show_file(request: Request) -> Response:
        staff: SignedIn = request.scope["genko_staff"]

        file_id, asked = request.path_params["id"], request.headers.get("range", "")

        def load() -> tuple[ServedFile, Span | None, bytes]:
            with database.reading() as session:
                file = serving.get_file(session, file_id)
                span = _span(asked, file.size)
                content = serving.read(session, file_id, *(span or (0, file.size - 1)))
            serving.note_view(database, file_id, by=staff.staff_id, piece=span is not None)
            return file, span, content

        return _answer(*await to_thread.run_sync(load))

    return [
        Route("/admin/api/drafts/{id:int}", save_draft, methods=["PUT"]),
        Route("/admin/media/{id:int}", show_file, methods=["GET"]),
    ]


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_DRAFT:
            raise Refused("This text is too long to keep as a draft.")
    return body


class _Draft(TypedDict):
    typed: str
    token: str
    seen_message_id: int
    rest: str


def _draft(body: bytes) -> _Draft:
    try:
        sent = json.loads(body)
        typed, token, seen = str(sent["text"]), storable(str(sent["token"])), int(sent["seen"])
        rest = str(sent.get("rest", ""))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise Refused("The draft could not be read.") from error
    if not 0 <= seen <= _LARGEST_ID:
        raise Refused("The draft could not be read.")
    return _Draft(typed=typed, token=token, seen_message_id=seen, rest=rest)


def _answer(file: ServedFile, span: Span | None, content: bytes) -> Response:
    """Only harmless types are shown in the page; all else is a download that a browser does not run."""
    kind = "inline" if file.inline else "attachment"
    headers = {
        "content-disposition": f"{kind}; filename*=UTF-8''{quote(file.name)}",
        "cache-control": "private, no-store",  # the front desk's browser is everybody's
        "content-security-policy": "default-src 'none'; sandbox",
        "accept-ranges": "bytes",
    }
    media_type = file.content_type if file.inline else "application/octet-stream"
    if span is None:
        return Response(content, headers=headers, media_type=media_type)
    headers["content-range"] = f"bytes {span[0]}-{span[1]}/{file.size}"
    return Response(content, 206, headers=headers, media_type=media_type)


def _span(asked: str, size: int) -> Span | None:
    """The one range that players ask for, `bytes=first-[last]`; None means the whole file."""
    found = _RANGE.fullmatch(asked)
    if found is None:
        return None
    begin, end = int(found[1]), min(int(found[2] or size), size - 1)
    return (begin, end) if begin <= end else None
