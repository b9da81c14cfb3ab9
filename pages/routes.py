"""Small HTTP routes beside the pages, behind the gate: drafts as they are typed, and patients' files."""

import json
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from genko.access import audit
from genko.access.sessions import SignedIn
from genko.db import Database
from genko.errors import Refused
from genko.messages import drafts, files
from genko.messages.files import StoredFile

_LARGEST_DRAFT = 200_000  # bytes of JSON


def create_routes(database: Database) -> list[BaseRoute]:
    async def save_draft(request: Request) -> Response:
        staff: SignedIn = request.scope["genko_staff"]
        typed, token, seen = _draft(await request.body())

        def save() -> bool:
            with database.transaction() as session:
                return drafts.save(
                    session,
                    request.path_params["id"],
                    typed,
                    by=staff.staff_id,
                    token=token,
                    seen_message_id=seen,
                )

        saved = await to_thread.run_sync(save)
        # 409: that draft has been sent meanwhile, in this tab or another.
        return JSONResponse({"saved": saved}, 200 if saved else 409)

    async def show_file(request: Request) -> Response:
        staff: SignedIn = request.scope["genko_staff"]

        def load() -> StoredFile:
            with database.transaction() as session:
                found = files.get_file(session, request.path_params["id"])
                if _begins(request.headers.get("range", "")):  # a player asks for many pieces of one file
                    audit.record(
                        session,
                        "file:view",
                        by=staff.staff_id,
                        subject_kind="file",
                        subject_id=request.path_params["id"],
                    )
                return found

        return _answer(request, await to_thread.run_sync(load))

    return [
        Route("/admin/api/drafts/{id:int}", save_draft, methods=["PUT"]),
        Route("/admin/media/{id:int}", show_file, methods=["GET"]),
    ]


def _draft(body: bytes) -> tuple[str, str, int]:
    if len(body) > _LARGEST_DRAFT:
        raise Refused("This text is too long to keep as a draft.")
    try:
        sent = json.loads(body)
        return str(sent["text"]), str(sent["token"]), int(sent["seen"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("The draft could not be read.") from error


def _answer(request: Request, file: StoredFile) -> Response:
    """Only harmless types are shown in the page; all else is a download that a browser does not run."""
    kind = "inline" if file.inline else "attachment"
    headers = {
        "content-disposition": f"{kind}; filename*=UTF-8''{quote(file.name)}",
        "cache-control": "private, no-store",  # the front desk's browser is everybody's
        "content-security-policy": "default-src 'none'; sandbox",
        "accept-ranges": "bytes",
    }
    media_type = file.content_type if file.inline else "application/octet-stream"
    span = _span(request.headers.get("range", ""), len(file.content))
    if span is None:
        return Response(file.content, headers=headers, media_type=media_type)
    first, last = span
    headers["content-range"] = f"bytes {first}-{last}/{len(file.content)}"
    return Response(file.content[first : last + 1], 206, headers=headers, media_type=media_type)


def _begins(asked: str) -> bool:
    """Whether this is the first that somebody sees of a file."""
    return not asked or asked.startswith("bytes=0-")


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """The one range that players ask for, `bytes=first-[last]`; None means the whole file."""
    first, separator, last = asked.removeprefix("bytes=").partition("-")
    if not (asked.startswith("bytes=") and separator and first.isdigit() and (last.isdigit() or not last)):
        return None
    begin, end = int(first), min(int(last) if last else size - 1, size - 1)
    return (begin, end) if begin <= end else None
