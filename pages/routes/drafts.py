"""Drafts, saved while they are typed and sent at one click."""

import json
from typing import Any, TypedDict

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from genko import clock
from genko.access.sessions import SignedIn
from genko.db import Database, Session
from genko.errors import Refused
from genko.messages import draft_sending, drafts
from genko.messages.drafts import OpenDraft
from genko.messages.outbox import Answered
from genko.text import storable
from pages.parts.kit.times import ago

_LARGEST_DRAFT = 1_000_000  # bytes of JSON, which may name ten earlier texts of the draft
_LARGEST_ID = 2**63 - 1


def draft_routes(database: Database) -> list[BaseRoute]:
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

    return [
        Route("/admin/api/drafts/{id:int}", save_draft, methods=["PUT"]),
        Route("/admin/api/drafts/{id:int}", send_draft, methods=["POST"]),
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
