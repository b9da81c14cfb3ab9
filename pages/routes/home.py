"""What Home says needs a person now, as each open Home asks for it when something has changed."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from genko import clock
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.db import Database
from pages.live.answers import Answer, SharedAnswers, answer_of, response
from pages.parts.home import attention_feed


def home_routes(database: Database, answers: SharedAnswers) -> list[BaseRoute]:
    async def show_attention(request: Request) -> Response:
        staff: SignedIn = request.scope["genko_staff"]

        def build() -> Answer:
            now = clock.now()
            with database.reading() as session:
                lines = attention_feed.read_attention_lines(session, staff.role, now)
            return answer_of(lines, read_at=now.isoformat())

        is_admin = staff.role is Role.ADMIN
        return response(request, await answers.get(("attention", is_admin), build))

    return [Route(attention_feed.ADDRESS, show_attention, methods=["GET"])]
