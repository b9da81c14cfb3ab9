"""Patients' files, whole or in pieces."""

import re
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from genko.access.sessions import SignedIn
from genko.db import Database
from genko.messages import file_serving
from genko.messages.file_serving import ServedFile

_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})", re.ASCII)

Span = tuple[int, int]  # the first and the last byte


def file_routes(database: Database) -> list[BaseRoute]:
    async def show_file(request: Request) -> Response:
        staff: SignedIn = request.scope["genko_staff"]

        file_id, asked = request.path_params["id"], request.headers.get("range", "")

        def load() -> tuple[ServedFile, Span | None, bytes]:
            with database.reading() as session:
                file = file_serving.get_file(session, file_id)
                span = parse_range(asked, file.size)
                content = file_serving.read(session, file_id, *(span or (0, file.size - 1)))
            file_serving.note_view(database, file_id, by=staff.staff_id, piece=span is not None)
            return file, span, content

        return _answer(*await to_thread.run_sync(load))

    return [Route("/admin/media/{id:int}", show_file, methods=["GET"])]


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


def parse_range(asked: str, size: int) -> Span | None:
    """The one range that players ask for, `bytes=first-[last]`; None means the whole file."""
    found = _RANGE.fullmatch(asked)
    if found is None:
        return None
    begin, end = int(found[1]), min(int(found[2] or size), size - 1)
    return (begin, end) if begin <= end else None
