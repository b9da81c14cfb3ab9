"""Twilio's requests by what they ask for, and whose account they are about."""

import base64
import binascii
import re

from starlette.datastructures import Headers
from starlette.types import Scope

from genko.sandbox.calls import CallPattern, path_at_provider

_ACCOUNT = r"/2010-04-01/Accounts/[^/]+"

PATTERNS = (
    CallPattern("create", "POST", rf"{_ACCOUNT}/Messages\.json"),
    CallPattern("list", "GET", rf"{_ACCOUNT}/Messages\.json"),
    CallPattern("media_list", "GET", rf"{_ACCOUNT}/Messages/[^/]+/Media\.json"),
    CallPattern("media_details", "GET", rf"{_ACCOUNT}/Messages/[^/]+/Media/[^/]+\.json"),
    CallPattern("media", "GET", rf"{_ACCOUNT}/Messages/[^/]+/Media/[^/]+"),
    CallPattern("fetch", "GET", rf"{_ACCOUNT}/Messages/[^/]+\.json"),
    CallPattern("account", "GET", rf"{_ACCOUNT}\.json"),
    CallPattern("senders", "GET", r"/v2/Channels/Senders.*"),
    CallPattern("content", "GET", r"/v[12]/Content.*"),
    CallPattern("cdn", "GET", r"/cdn/.+"),
)


def basic_credentials(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (user, password) if scheme.lower() == "basic" else ("", "")


def account_in(scope: Scope) -> str:
    named = re.match(r"/2010-04-01/Accounts/([^/.]+)", path_at_provider(scope))
    if named:
        return named[1]
    return basic_credentials(Headers(scope=scope).get("authorization", ""))[0]
