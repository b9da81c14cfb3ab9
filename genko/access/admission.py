"""Who may pass the gate, and what everybody else hears."""

from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope

from genko.access import page_templates, request_origin
from genko.access.request_origin import BASE, HEALTH, HOME, SAFE_METHODS, SETUP, SIGN_IN, SIGN_OUT, STYLE
from genko.access.session_cache import Visitors
from genko.access.sessions import SignedIn
from genko.access.sign_in_pages import Doors
from genko.settings import Settings

_STATIC = f"{BASE}/static/"
# What open screens ask for again and again, all of them at the same moment.
_REFRESHED = tuple(f"{BASE}/api/{name}" for name in ("inbox", "thread/", "board", "leads", "attention"))
_ELSEWHERE = (
    "This was sent from another address than the one Genkō is served at, so nothing was done. "
    "Open Genkō again and retry; behind a proxy, GENKO_PUBLIC_URL must be the address in the browser."
)


class Reception:
    def __init__(self, settings: Settings, visitors: Visitors) -> None:
        self._settings = settings
        self._visitors = visitors
        self._doors = Doors(settings, visitors)
        self._proxies = request_origin.proxies(settings)

    async def answer(self, scope: Scope, receive: Receive) -> Response | SignedIn:
        """Who may pass, or what they hear instead."""
        path, method, headers = scope["path"], scope["method"], Headers(scope=scope)
        if method not in SAFE_METHODS and not request_origin.from_our_pages(scope, headers, self._settings):
            return page_templates.say(headers, _ELSEWHERE, 403)
        if (public := await self._public(scope, receive, path)) is not None:
            return public
        token = request_origin.token_of(scope, self._settings)
        visitor = await self._look(scope, headers, token)
        if visitor is None:
            return await self._turned_away(scope, headers)
        if path == SIGN_OUT and method == "POST":
            return await self._doors.sign_out(token, visitor)
        return Response(status_code=405) if path == SIGN_OUT else visitor

    async def _public(self, scope: Scope, receive: Receive, path: str) -> Response | None:
        """What anyone may ask for."""
        if path in ("/", BASE):
            return page_templates.to(HOME)
        if path == HEALTH:
            return PlainTextResponse("ok")
        if path == STYLE:
            return page_templates.style()
        if path not in (SIGN_IN, SETUP):
            return None
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return Response(status_code=405)
        door = self._doors.sign_in if path == SIGN_IN else self._doors.set_up
        address = request_origin.client_address(scope, Headers(scope=scope), self._proxies)
        return await door(Request(scope, receive), address)

    async def _look(self, scope: Scope, headers: Headers, token: str) -> SignedIn | None:
        if scope["path"].startswith(_STATIC) or (
            scope["method"] == "GET" and scope["path"].startswith(_REFRESHED)
        ):
            return await self._visitors.find_recent(token)
        return await self._visitors.find(token, counts=request_origin.is_navigation(scope, headers))

    async def _turned_away(self, scope: Scope, headers: Headers) -> Response:
        if not scope["path"].startswith(HOME) or not request_origin.is_navigation(scope, headers):
            return Response(status_code=401)
        if await self._visitors.needs_setup():
            return page_templates.to(SETUP)
        query = scope["query_string"].decode("latin-1")
        wanted = request_origin.safe_next(f"{scope['path']}?{query}" if query else scope["path"])
        return page_templates.to(f"{SIGN_IN}?next={quote(wanted, safe='/')}" if wanted != HOME else SIGN_IN)
