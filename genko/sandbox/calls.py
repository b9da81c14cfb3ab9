"""One request to the stand-in, named by what it asks for."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Self

from starlette.datastructures import Headers
from starlette.types import Scope

KINDS: tuple[tuple[str, str, str], ...] = (
    ("create", "POST", r"/2010-04-01/Accounts/[^/]+/Messages\.json"),
    ("list", "GET", r"/2010-04-01/Accounts/[^/]+/Messages\.json"),
    ("media_list", "GET", r"/2010-04-01/Accounts/[^/]+/Messages/[^/]+/Media\.json"),
    ("media_details", "GET", r"/2010-04-01/Accounts/[^/]+/Messages/[^/]+/Media/[^/]+\.json"),
    ("media", "GET", r"/2010-04-01/Accounts/[^/]+/Messages/[^/]+/Media/[^/]+"),
    ("fetch", "GET", r"/2010-04-01/Accounts/[^/]+/Messages/[^/]+\.json"),
    ("account", "GET", r"/2010-04-01/Accounts/[^/]+\.json"),
    ("senders", "GET", r"/v2/Channels/Senders.*"),
    ("content", "GET", r"/v[12]/Content.*"),
    ("cdn", "GET", r"/cdn/.+"),
    ("other", ".*", r"/(?:2010-04-01|v1|v2|cdn)(?:/.*)?"),
)


def basic_credentials(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (user, password) if scheme.lower() == "basic" else ("", "")


@dataclass(frozen=True)
class Call:
    kind: str
    method: str
    path: str
    account: str

    @classmethod
    def of(cls, scope: Scope) -> Self | None:
        """None for what is not the provider's: the control API and the phone page."""
        method, path = str(scope["method"]), str(scope["path"])
        for kind, verb, pattern in KINDS:
            if re.fullmatch(verb, method) and re.fullmatch(pattern, path):
                return cls(kind, method, path, _account(scope, path))
        return None


def _account(scope: Scope, path: str) -> str:
    named = re.match(r"/2010-04-01/Accounts/([^/.]+)", path)
    if named:
        return named[1]
    return basic_credentials(Headers(scope=scope).get("authorization", ""))[0]
