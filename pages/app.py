"""The ASGI application: Streamlit behind the gate, and the server that runs it."""

import base64
import hashlib
import logging
import re
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp
from streamlit import config, file_util
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequest, ScriptRequests

from genko.access.error_location import where
from genko.access.gate import Gate
from genko.db import Database, DatabaseDown, staff_sentence
from genko.errors import GenkoError, NotAllowed, NotFound
from genko.settings import Settings
from pages.page_paths import only_pages
from pages.parts.kit.context import sign_in_frame

_LOG = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
_FRAME = _ROOT / "pages" / "frame.py"
_LARGEST_FRAME = 4 * 1024 * 1024  # what a browser sends is widget states; files come over HTTP
_PATIENCE = 3  # seconds that open requests get at the end

# What safety or the addresses rest on is set here; .streamlit/config.toml holds looks and limits.
_OPTIONS: Mapping[str, Any] = {
    "server.baseUrlPath": "admin",
    "server.headless": True,
    "server.fileWatcherType": "none",  # a module loaded anew would make a new badge key and sign everyone out
    "server.runOnSave": False,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.scriptHealthCheckEnabled": False,
    "server.trustedUserHeaders": {},
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.allowedOrigins": [],
    "browser.gatherUsageStats": False,
    # With them, a click inside a fragment that waits for its turn is thrown away when another page is opened.
    "runner.fastReruns": False,
    "runner.postScriptGC": False,
    "logger.enableRich": False,  # it would print messages of exceptions past our filter
}


def _once_begun(
    asked: Callable[[ScriptRequests], ScriptRequest | None],
) -> Callable[[ScriptRequests], ScriptRequest | None]:
    """A run gives way to the next one only when its callbacks are through and its script has begun.

    Streamlit ends it at any look at the session state, inside a callback or right before: of two clicks within
    milliseconds the first would be done by half, or not at all. `st.stop` therefore stops no callback.
    """

    def asks(requests: ScriptRequests) -> ScriptRequest | None:
        context = get_script_run_ctx(suppress_warning=True)
        return asked(requests) if context is None or context.has_script_started else None

    return asks


ScriptRequests.on_scriptrunner_yield = _once_begun(ScriptRequests.on_scriptrunner_yield)  # type: ignore[assignment]


def create_app(
    settings: Settings, database: Database, *, routes: Sequence[BaseRoute] = (), frame: Path = _FRAME
) -> ASGIApp:
    """Streamlit with `routes` beside it, all behind the gate. Routes give their full path, /admin/ included."""
    # Otherwise Streamlit looks for .streamlit beside the frame, and finds it only from one working directory.
    config._main_script_path = str(_ROOT / "Home.py")  # noqa: SLF001
    for name, value in _OPTIONS.items():
        config.set_option(name, value)
    logging.getLogger("streamlit.error_util").addFilter(_without_message)
    inner = streamlit.App(
        frame,
        routes=routes,
        on_script_error=_note_bug,
        exception_handlers={GenkoError: _refusal, **dict.fromkeys(DatabaseDown, _database_down)},
    )
    return Gate(
        only_pages(inner),
        database=database,
        settings=settings,
        script_hashes=_inline_scripts(),
        farewell=sign_in_frame().SerializeToString(),
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


def _without_message(record: logging.LogRecord) -> bool:
    """Streamlit logs the whole exception, and with it what a patient may have written."""
    record.exc_info = record.exc_text = None
    return record.levelno < logging.ERROR  # _note_bug says it once, safely


async def _refusal(_request: Request, error: GenkoError) -> Response:
    status = {NotFound: 404, NotAllowed: 403}.get(type(error), 409)
    return JSONResponse({"error": str(error)}, status)


async def _database_down(_request: Request, error: Exception) -> Response:
    assert isinstance(error, DatabaseDown)
    return JSONResponse({"error": staff_sentence(error)}, 503)


def _inline_scripts() -> list[str]:
    """The hashes by which the browser may run what Streamlit's page has inline."""
    index = (Path(file_util.get_static_dir()) / "index.html").read_text("utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", index, re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return [f"sha256-{base64.b64encode(digest).decode()}" for digest in digests]
