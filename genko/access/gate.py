"""The gate: an ASGI middleware in front of all that the dashboard serves. No valid session, no byte."""

import logging
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genko.access import page_identity, page_templates, request_origin
from genko.access.admission import Reception
from genko.access.error_location import where
from genko.access.headers import Armour
from genko.access.session_cache import Visitors
from genko.access.session_websocket import WatchedSocket
from genko.access.sessions import SignedIn
from genko.db import Database, DatabaseDown, staff_sentence
from genko.settings import Settings

_LOG = logging.getLogger(__name__)
_BUG = "Something went wrong here. Reload the page; what you had saved is safe."


class Gate:
    def __init__(
        self,
        app: ASGIApp,
        *,
        database: Database,
        settings: Settings,
        script_hashes: Sequence[str] = (),
        farewell: bytes = b"",
    ) -> None:
        """`script_hashes` are of the page's own inline scripts, `farewell` is the last frame to an ended session."""
        self._app = app
        self._settings = settings
        self._farewell = farewell
        self._visitors = Visitors(database, settings)
        self._reception = Reception(settings, self._visitors)
        self._armour = Armour(settings, script_hashes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Our own answer, or the application's behind us; a bug shows one sentence and logs where it was."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            answer = await self._reception.answer(scope, receive)
            if isinstance(answer, Response):
                await answer(scope, receive, self._armour.around(watched, scope["path"], our_own=True))
            else:
                behind = self._admitted(scope, answer)
                await self._app(behind, receive, self._armour.around(watched, scope["path"]))
        except DatabaseDown as error:
            await self._fail(scope, receive, send, staff_sentence(error), 503, started=started)
        except Exception as error:  # noqa: BLE001 - the server would log the message, with what is in it
            _LOG.error("request failed: %s", where(error))
            await self._fail(scope, receive, send, _BUG, 500, started=started)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WatchedSocket(
            self._visitors, request_origin.token_of(scope, self._settings), self._farewell, receive, send
        )
        from_us = request_origin.from_our_pages(scope, Headers(scope=scope), self._settings)
        visitor = await socket.visitor() if from_us else None
        if visitor is None:
            await socket.refuse()
            return
        try:
            await self._app(self._admitted(scope, visitor), socket.receive, socket.send)
        except OSError:  # who has gone hears no answer
            await socket.end()
        except Exception as error:  # noqa: BLE001 - as above
            _LOG.error("websocket failed: %s", where(error))
            await socket.end()

    def _admitted(self, scope: Scope, visitor: SignedIn) -> Scope:
        """The request as the pages see it: marked by us and by nobody else."""
        headers = [
            (name, value)
            for name, value in scope["headers"]
            if not name.lower().startswith(page_identity.OURS)
        ]
        if self._settings.public_url:
            host = request_origin.served_at(scope, Headers(scope=scope), self._settings).partition("://")[2]
            headers = [(name, value) for name, value in headers if name.lower() != b"host"]
            headers.append((b"host", host.encode()))
        headers.append((page_identity.HEADER.encode(), page_identity.badge(visitor.session_id).encode()))
        return {**scope, "headers": headers, "genko_staff": visitor}

    async def _fail(
        self, scope: Scope, receive: Receive, send: Send, sentence: str, status: int, *, started: bool
    ) -> None:
        if not started:
            answer = page_templates.say(Headers(scope=scope), sentence, status)
            await answer(scope, receive, self._armour.around(send, scope["path"], our_own=True))
