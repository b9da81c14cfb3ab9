"""One conversation's messages: opened at a click, refreshed when something has changed, marked as read once seen."""

import json

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from genko import clock
from genko.access import audit
from genko.access.sessions import SignedIn
from genko.db import Database, Session
from genko.errors import Refused
from genko.messages import conversations, unread
from genko.messages.open_conversation import open_conversation
from genko.messages.thread import PAGE
from pages.live.answers import Answer, SharedAnswers, answer_of, response
from pages.live.screens import Screens
from pages.parts.messages import openings, thread_feed
from pages.parts.messages.openings import By

_LARGEST_COUNT = 2**31


def thread_routes(database: Database, screens: Screens, answers: SharedAnswers) -> list[BaseRoute]:
    async def open_thread(request: Request) -> Response:
        """A row was clicked: its thread is painted from here, and the page's script follows with head and composer."""
        staff: SignedIn = request.scope["genko_staff"]
        conversation_id = request.path_params["id"]

        def open_it() -> Answer:
            unread_count = openings.open_once(
                staff.session_id,
                conversation_id,
                By.ROUTE,
                lambda: database.attempt(
                    lambda session: open_conversation(session, conversation_id, by=staff.staff_id)
                ),
            )
            return _read(database, conversation_id, staff, PAGE, unread_at_opening=unread_count)

        answer = await to_thread.run_sync(open_it)
        screens.note_read(staff.staff_id)
        return response(request, answer)

    async def show_thread(request: Request) -> Response:
        staff: SignedIn = request.scope["genko_staff"]
        conversation_id, messages = request.path_params["id"], _messages(request)

        def look() -> None:
            database.attempt(
                lambda session: audit.record(
                    session,
                    "view",
                    by=staff.staff_id,
                    subject_kind="conversation",
                    subject_id=conversation_id,
                )
            )

        key = (
            "thread",
            conversation_id,
            messages,
            staff.staff_id,
            staff.role,
            screens.read_count(staff.staff_id),
        )
        answer = await answers.get(key, lambda: _read(database, conversation_id, staff, messages))
        await to_thread.run_sync(openings.look_once, staff.session_id, conversation_id, look)
        return response(request, answer)

    async def note_seen(request: Request) -> Response:
        """A visible page has shown the first so many of the patient's messages."""
        staff: SignedIn = request.scope["genko_staff"]
        conversation_id, inbound_seen = request.path_params["id"], _inbound_seen(await request.body())

        def note(session: Session) -> None:
            conversation = conversations.get(session, conversation_id)
            seen = min(inbound_seen, conversation.inbound_count)
            unread.see(session, conversation_id, seen, by=staff.staff_id)

        await to_thread.run_sync(database.attempt, note)
        screens.note_read(staff.staff_id)
        return JSONResponse({"seen": True})

    return [
        Route("/admin/api/thread/{id:int}", open_thread, methods=["POST"]),
        Route("/admin/api/thread/{id:int}", show_thread, methods=["GET"]),
        Route("/admin/api/thread/{id:int}/seen", note_seen, methods=["POST"]),
    ]


def _read(
    database: Database,
    conversation_id: int,
    staff: SignedIn,
    messages: int,
    *,
    unread_at_opening: int | None = None,
) -> Answer:
    now = clock.now()
    with database.reading() as session:
        payload = thread_feed.read_thread(session, conversation_id, staff, at=now, messages=messages)
    if unread_at_opening is not None:
        payload["unread_at_opening"] = unread_at_opening
    return answer_of(payload, read_at=now.isoformat())


def _messages(request: Request) -> int:
    asked = request.query_params.get("messages", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 6  # noqa: PLR2004 - digits
    return min(max(int(asked), PAGE), thread_feed.MOST_MESSAGES) if is_number else PAGE


def _inbound_seen(body: bytes) -> int:
    try:
        count = int(json.loads(body)["inbound_seen"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise Refused("It could not be read how far this was seen.") from error
    return max(0, min(count, _LARGEST_COUNT))
