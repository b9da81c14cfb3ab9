"""The control API and the phone page answer this machine only."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "::1")
OWN_PATHS = ("/sandbox", "/phone")


class LoopbackOnly:
    """Host and Origin are checked as well, so that no web page in a browser on this machine can reach it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        own = scope["type"] == "http" and scope["path"].startswith(OWN_PATHS)
        if own and not _from_here(HTTPConnection(scope)):
            await PlainTextResponse("Only for this machine", 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _from_here(connection: HTTPConnection) -> bool:
    origin = connection.headers.get("origin")
    return (
        connection.client is not None
        and connection.client.host in LOOPBACK
        and connection.url.hostname in LOOPBACK
        and (origin is None or urlsplit(origin).netloc == connection.url.netloc)
    )
