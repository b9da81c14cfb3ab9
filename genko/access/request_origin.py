"""What a request says about itself, believed only where it can be believed. No database here."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from genko.errors import Refused
from genko.settings import Settings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

BASE = "/admin"
HOME = "/admin/"
SIGN_IN = "/admin/sign-in"
SIGN_OUT = "/admin/sign-out"
SETUP = "/admin/setup"
STYLE = "/admin/sign-in.css"
HEALTH = "/healthz"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# No dots, percent signs, backslashes or doubled slashes in the path: nothing that a browser could read as another place.
_NEXT = re.compile(r"/admin/(?:[\w-]+(?:/[\w-]+)*/?)?(?:\?[\w.~%=&+,:-]*)?", re.ASCII)
_HOST = re.compile(r"(?:[\w-]+(?:\.[\w-]+)*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)
_LONGEST_NEXT = 512


def safe_next(wanted: str) -> str:
    """A page of ours, or home."""
    if len(wanted) > _LONGEST_NEXT or not _NEXT.fullmatch(wanted):
        return HOME
    return HOME if wanted.partition("?")[0].rstrip("/") in (SIGN_IN, SIGN_OUT, SETUP) else wanted


def cookie_name(settings: Settings) -> str:
    """The prefix makes browsers refuse a cookie of this name that another host or plain HTTP has set."""
    return "__Host-genko" if over_tls(settings) else "genko_session"


def over_tls(settings: Settings) -> bool:
    return settings.public_url.lower().startswith("https://")


def session_token(cookies: Mapping[str, str], settings: Settings) -> str:
    return cookies.get(cookie_name(settings), "")


def token_of(scope: Scope, settings: Settings) -> str:
    return session_token(HTTPConnection(scope).cookies, settings)


def is_navigation(scope: Scope, headers: Headers) -> bool:
    """Someone looks at a page in a browser window, without having sent anything."""
    return scope["method"] in ("GET", "HEAD") and shows_pages(headers)


def shows_pages(headers: Headers) -> bool:
    mode = headers.get("sec-fetch-mode")
    return mode == "navigate" if mode else "text/html" in headers.get("accept", "")


def from_our_pages(scope: Scope, headers: Headers, settings: Settings) -> bool:
    """The request was made by a page that we served: what keeps other sites from acting in a visitor's name."""
    origins = headers.getlist("origin")
    if not origins:
        return headers.get("sec-fetch-site") == "same-origin"
    return origins == [served_at(scope, headers, settings)]


def served_at(scope: Scope, headers: Headers, settings: Settings) -> str:
    """Scheme and host. The Host header is not asked when the public address is known."""
    if settings.public_url:
        parts = urlsplit(settings.public_url.lower())
        return f"{parts.scheme}://{parts.netloc}"
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        return ""
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
    return f"{scheme}://{hosts[0].lower()}"


def proxies(settings: Settings) -> list[Network]:
    given = [address.strip() for address in settings.trusted_proxies.split(",") if address.strip()]
    try:
        return [ipaddress.ip_network(address, strict=False) for address in given]
    except ValueError as error:
        raise Refused("GENKO_TRUSTED_PROXIES must hold addresses such as 10.0.0.5 or 10.0.0.0/24.") from error


def client_address(scope: Scope, headers: Headers, trusted: Sequence[Network]) -> str:
    """The nearest hop that is not one of our proxies: what stands left of it, anyone can have written."""
    address = str(scope["client"][0]) if scope.get("client") else ""
    hops = [hop.strip() for line in headers.getlist("x-forwarded-for") for hop in line.split(",")]
    while hops and _number(hops[-1]) and any(_number(address) in network for network in trusted):
        address = hops.pop()
    return address


def _number(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
