"""Small HTTP routes beside the pages, behind the gate: drafts as they are typed and sent, and patients' files."""

import json
import re
from typing import Any, TypedDict
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from genko import clock
from genko.access.sessions import SignedIn
from genko.db import Database, Session
from genko.errors import Refused
from genko.messages import draft_sending, drafts, file_serving
from genko.messages.drafts import OpenDraft
from genko.messages.file_serving import ServedFile
from genko.messages.outbox import Answered
from genko.text import storable
from pages.parts.kit.times import ago

_LARGEST_DRAFT = 1_000_000  # bytes of JSON, which may name ten earlier texts of the draft
_LARGEST_ID = 2**63 - 1
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})", re.ASCII)

Span = tuple[int, int]  # the first and the last byte


def create_routes(database: Database) -> list[BaseRoute]:
    async def save_draft(request: Request) -> Response:
        staff: SignedIn = request.scope["genko_staff"]
        draft = _draft(await _body(request))

        def save() -> dict[str, str] | None:
            with database.transaction() as session:
                number = request.path_params["id"]
                if drafts.save(session, number, by=staff.staff_id, **draft):
                    return None
                sent = draft_sending.sent_under(session, draft["token"])
                following = drafts.find(session, number, by=staff.staff_id)
                became = {} if sent is None else {"went_out": sent}
                return became | ({"token": following.token, "draft": following.text} if following else {})

        overtaken = await to_thread.run_sync(save)
        if overtaken is None:
            return JSONResponse({"saved": True})
        # That draft has been sent meanwhile, in this tab or another.
        return JSONResponse({"saved": False} | overtaken, 409)

    async def send_draft(request: Request) -> Response:
        """Not by way of the page's script, which the next click may end before it comes to it."""
        staff: SignedIn = request.scope["genko_staff"]
        sent = _sent(await _body(request))

        def send(session: Session) -> Answered | OpenDraft:
            number = request.path_params["id"]
            answered = draft_sending.send(session, number, by=staff.staff_id, **sent)
            return answered or drafts.begin(session, number, by=staff.staff_id)

        came = await to_thread.run_sync(database.attempt, send)
        if isinstance(came, Answered):
            return JSONResponse({"warning": f"{came.by_name} answered {ago(came.at, clock.now())} ago."}, 409)
        return JSONResponse({"token": came.token, "draft": came.text})

    async def show_file(request: Request) -> Response:
        staff: SignedIn = request.scope["genko_staff"]

        file_id, asked = request.path_params["id"], request.headers.get("range", "")

        def load() -> tuple[ServedFile, Span | None, bytes]:
            with database.reading() as session:
                file = file_serving.get_file(session, file_id)
                span = _span(asked, file.size)
                content = file_serving.read(session, file_id, *(span or (0, file.size - 1)))
            file_serving.note_view(database, file_id, by=staff.staff_id, piece=span is not None)
            return file, span, content

        return _answer(*await to_thread.run_sync(load))

    return [
        Route("/admin/api/drafts/{id:int}", save_draft, methods=["PUT"]),
        Route("/admin/api/drafts/{id:int}", send_draft, methods=["POST"]),
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


class _Sent(TypedDict):
    body: str
    token: str
    seen_message_id: int
    override: bool
    anyway: bool
    written: list[str]


def _draft(body: bytes) -> _Draft:
    found = _read(body)
    return _Draft(
        typed=found["text"],
        token=found["token"],
        seen_message_id=found["seen"],
        rest=str(found.get("rest", "")),
    )


def _sent(body: bytes) -> _Sent:
    found = _read(body)
    written = found.get("written", [])
    return _Sent(
        body=found["text"],
        token=found["token"],
        seen_message_id=found["seen"],
        override=found.get("override") is True,
        anyway=found.get("anyway") is True,
        written=[str(one) for one in written] if isinstance(written, list) else [],
    )


def _read(body: bytes) -> dict[str, Any]:
    """What the browser says of a draft: it comes from outside, the verbs check it."""
    try:
        said = json.loads(body)
        text, token, seen = str(said["text"]), storable(str(said["token"])), int(said["seen"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise Refused("The draft could not be read.") from error
    if not 0 <= seen <= _LARGEST_ID:
        raise Refused("The draft could not be read.")
    return {**said, "text": text, "token": token, "seen": seen}


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
