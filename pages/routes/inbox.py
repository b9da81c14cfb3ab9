"""The conversation list, as each open list asks for it when something has changed."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from genko import clock
from genko.access.sessions import SignedIn
from genko.db import Database
from pages.live.answers import Answer, SharedAnswers, answer_of, response
from pages.live.screens import Screens
from pages.parts.messages import inbox_feed
from pages.routes.search_header import search_of


def inbox_routes(database: Database, screens: Screens, answers: SharedAnswers) -> list[BaseRoute]:
    async def show_inbox(request: Request) -> Response:
        staff: SignedIn = request.scope["genko_staff"]
        wanted, rows = inbox_feed.asked_for(request.query_params, search_of(request))

        def read_shared() -> tuple[dict[str, Any], str]:
            now = clock.now()
            with database.reading() as session:
                return inbox_feed.read_shared(session, wanted, at=now, rows=rows), now.isoformat()

        shared, read_at = await answers.get(("inbox", wanted, rows), read_shared)

        def build() -> Answer:
            with database.reading() as session:
                payload = inbox_feed.add_unread(session, shared, by=staff.staff_id)
            return answer_of(payload, read_at=read_at)

        key = ("inbox", wanted, rows, staff.staff_id, screens.read_count(staff.staff_id))
        return response(request, await answers.get(key, build))

    return [Route("/admin/api/inbox", show_inbox, methods=["GET"])]
