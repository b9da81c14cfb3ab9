"""Which addresses are pages. Whoever opens another one comes to Home, without Streamlit's own dialog about it."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from genko.access import page_templates
from genko.access.request_origin import HOME, is_navigation

_PAGES = frozenset({"", "messages", "leads", "patients", "settings"})
_THINGS = frozenset(
    {"_stcore", "api", "component", "media", "static"}
)  # downloads and frames are navigated to


def only_pages(inner: ASGIApp) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and is_navigation(scope, Headers(scope=scope))
            and _is_nothing(scope["path"])
        ):
            await page_templates.to(HOME)(scope, receive, send)
        else:
            await inner(scope, receive, send)

    return app


def _is_nothing(path: str) -> bool:
    wanted = path.removeprefix(HOME).rstrip("/")
    return wanted not in _PAGES and wanted.partition("/")[0] not in _THINGS and "." not in wanted
