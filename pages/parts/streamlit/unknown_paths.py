"""An address under /admin/ that is no page leads to Home, in place of Streamlit's "page not found" dialog."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from genko.access import page_templates
from genko.access.request_origin import HOME, is_navigation

_PAGES = frozenset({"", "messages", "leads", "patients", "settings"})
# Browsers navigate to downloads and frames as well, so these are let through.
RESOURCES = frozenset({"_stcore", "api", "component", "media", "static"})


def lead_home(inner: ASGIApp) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if _is_navigation(scope) and _is_unknown(scope["path"]):
            await page_templates.to(HOME)(scope, receive, send)
        else:
            await inner(scope, receive, send)

    return app


def _is_navigation(scope: Scope) -> bool:
    return scope["type"] == "http" and is_navigation(scope, Headers(scope=scope))


def _is_unknown(path: str) -> bool:
    page = path.removeprefix(HOME).rstrip("/")
    return page not in _PAGES and page.partition("/")[0] not in RESOURCES and "." not in page
