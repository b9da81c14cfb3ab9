"""What is searched for comes in a header: addresses end up in logs, and it may be a patient's name."""

from urllib.parse import unquote

from starlette.requests import Request

from genko.text import storable

_NAME = "genko-search"  # percent-encoded UTF-8


def search_of(request: Request) -> str:
    return storable(unquote(request.headers.get(_NAME, "")))
