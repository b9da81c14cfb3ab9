"""One request to a provider, named by what it asks for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.types import Scope


@dataclass(frozen=True)
class CallPattern:
    """`method` and `path` are regular expressions for the whole of each; the first pattern that fits names the call."""

    kind: str
    method: str
    path: str


@dataclass(frozen=True)
class Call:
    kind: str
    method: str
    path: str
    account_id: str


def kind_of(method: str, path: str, patterns: Iterable[CallPattern]) -> str:
    for pattern in patterns:
        if re.fullmatch(pattern.method, method) and re.fullmatch(pattern.path, path):
            return pattern.kind
    return "other"


def path_at_provider(scope: Scope) -> str:
    """The path without the stand-in's own prefix."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))
