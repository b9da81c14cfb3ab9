"""Security headers, on every response."""

from collections.abc import Sequence
from functools import partial

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from genko.access.request_origin import BASE, STYLE, over_tls
from genko.settings import Settings

# Streamlit writes style elements and attributes as it goes and imports inline components from blob: addresses.
_PAGES = (
    "default-src 'none'; script-src 'self' blob: {hashes}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; media-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-src 'self'; frame-ancestors 'none'"
)
# A component that comes with a package is drawn in a frame: Streamlit's own files, shown in our pages only.
_FRAMES = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; base-uri 'none'; frame-ancestors 'self'"
)
_FRAMED = f"{BASE}/component/streamlit_sortables.sortable_items/"
_FORMS = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# What a patient sent must not run, even when opened in a tab of its own.
_FILES = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox; frame-ancestors 'none'"
)

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex",
}
_TWO_YEARS = "max-age=63072000"
_STATIC = f"{BASE}/static/"  # named after what is in them: safe to keep, but not for a shared cache


class Armour:
    """The headers for one way of being served."""

    def __init__(self, settings: Settings, script_hashes: Sequence[str]) -> None:
        self._pages = _PAGES.format(hashes=" ".join(f"'{value}'" for value in script_hashes)).replace(
            " ;", ";"
        )
        self._always = _ALWAYS | ({"strict-transport-security": _TWO_YEARS} if over_tls(settings) else {})

    def around(self, send: Send, path: str, *, our_own: bool = False) -> Send:
        return partial(self._send, send, path, our_own)

    async def _send(self, send: Send, path: str, our_own: bool, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(self._always)
            if path.startswith(_FRAMED):
                headers["x-frame-options"] = "SAMEORIGIN"
            # A route may be stricter or, for a file that must open in a tab, say its own.
            headers.setdefault("content-security-policy", self._policy(path, our_own=our_own))
            headers["cache-control"] = _caching(path, headers.get("cache-control", ""))
        await send(message)

    def _policy(self, path: str, *, our_own: bool) -> str:
        if our_own:
            return _FORMS
        if path.startswith(_FRAMED):
            return _FRAMES
        return _FILES if path.startswith((f"{BASE}/media/", f"{BASE}/component/")) else self._pages


def _caching(path: str, asked: str) -> str:
    if path.startswith(_STATIC) and "immutable" in asked:
        return "private, max-age=31536000, immutable"
    return asked if asked.startswith("private") or path == STYLE else "no-store"
