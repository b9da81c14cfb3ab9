"""The board and the table of leads, as each open one asks for itself when something has changed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from genko import clock
from genko.db import Database, Session
from pages.live.answers import Answer, SharedAnswers, answer_of, response
from pages.parts.leads import board_feed, lead_address, table_feed
from pages.routes.search_header import search_of


def lead_routes(database: Database, answers: SharedAnswers) -> list[BaseRoute]:
    async def show_board(request: Request) -> Response:
        wanted = lead_address.filter_of(request.query_params, search_of(request))
        shown = board_feed.shown_of(request.query_params)

        def read(session: Session, now: datetime) -> dict[str, Any]:
            return board_feed.read_board(session, wanted, shown=shown, at=now)

        key = ("board", wanted, tuple(shown.items()))
        return response(request, await answers.get(key, _answering(database, read)))

    async def show_table(request: Request) -> Response:
        wanted = lead_address.filter_of(request.query_params, search_of(request))
        place = table_feed.place_of(request.query_params)

        def read(session: Session, now: datetime) -> dict[str, Any]:
            found = table_feed.read_page(session, wanted, place, now)
            return table_feed.table_payload(session, found, now)

        key = ("leads", wanted, place)
        return response(request, await answers.get(key, _answering(database, read)))

    return [
        Route("/admin/api/board", show_board, methods=["GET"]),
        Route("/admin/api/leads", show_table, methods=["GET"]),
    ]


def _answering(
    database: Database, read: Callable[[Session, datetime], dict[str, Any]]
) -> Callable[[], Answer]:
    def build() -> Answer:
        now = clock.now()
        with database.reading() as session:
            payload = read(session, now)
        return answer_of(payload, read_at=now.isoformat())

    return build
