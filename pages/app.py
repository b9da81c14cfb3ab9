"""The ASGI application: Streamlit behind the gate, and the server that runs it."""

import logging
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

import streamlit
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from genko.access.error_location import where
from genko.access.gate import Gate
from genko.access.request_origin import SIGN_IN
from genko.db import Database, DatabaseDown, staff_sentence
from genko.errors import GenkoError, NotAllowed, NotFound
from genko.settings import Settings
from pages.parts.streamlit import (
    error_log,
    finish_callbacks,
    inline_scripts,
    options,
    redirect,
    unknown_paths,
)

_LOG = logging.getLogger(__name__)
_FRAME = Path(__file__).with_name("frame.py")
_LARGEST_FRAME = 4 * 1024 * 1024  # what a browser sends is widget states; files come over HTTP
_PATIENCE = 3  # seconds that open requests get at the end


def create_app(
    settings: Settings, database: Database, *, routes: Sequence[BaseRoute] = (), frame: Path = _FRAME
) -> ASGIApp:
    """Streamlit with `routes` beside it, all behind the gate. Routes give their full path, /admin/ included."""
    finish_callbacks.install()
    error_log.hide_exceptions()
    inner = streamlit.App(
        frame,
        routes=routes,
        on_script_error=_note_bug,
        exception_handlers={GenkoError: _refusal, **dict.fromkeys(DatabaseDown, _database_down)},
    )
    options.apply()
    return Gate(
        unknown_paths.lead_home(inner),
        database=database,
        settings=settings,
        script_hashes=inline_scripts.hashes(),
        farewell=redirect.redirect_message(SIGN_IN).SerializeToString(),
    )


def create_server(settings: Settings, app: ASGIApp) -> uvicorn.Server:
    """Proxy headers are left to the gate, which knows whom to believe."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            ws_max_size=_LARGEST_FRAME,
            timeout_graceful_shutdown=_PATIENCE,
        )
    )


def serve(
    settings: Settings, database: Database, *, routes: Sequence[BaseRoute] = (), frame: Path = _FRAME
) -> None:
    """Runs until SIGTERM or Ctrl+C, then hangs up within seconds."""
    server = create_server(settings, create_app(settings, database, routes=routes, frame=frame))
    if threading.current_thread() is threading.main_thread():
        # uvicorn raises the signal again once it has stopped: it must not kill us before we have closed up.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
    try:
        server.run()
    finally:
        database.close()


def _note_bug(error: Exception) -> bool:
    """In place of Streamlit's own box, which offers to ask search engines about the error."""
    _LOG.error("page failed: %s", where(error))
    streamlit.error("Something went wrong here. Reload the page; what was saved is safe.")
    return True


async def _refusal(_request: Request, error: GenkoError) -> Response:
    status = {NotFound: 404, NotAllowed: 403}.get(type(error), 409)
    return JSONResponse({"error": str(error)}, status)


async def _database_down(_request: Request, error: Exception) -> Response:
    assert isinstance(error, DatabaseDown)
    return JSONResponse({"error": staff_sentence(error)}, 503)
