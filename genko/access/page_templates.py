"""The few pages that are served to people who are not signed in."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

from jinja2 import Environment, FileSystemLoader
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from genko import text
from genko.access.request_origin import SETUP, SIGN_IN, STYLE, cookie_name, over_tls, shows_pages
from genko.errors import Refused
from genko.settings import Settings

_FOLDER = Path(__file__).parent / "templates"
_LONGEST_FORM = 16 * 1024
_FORM = "application/x-www-form-urlencoded"


def page(name: str, *, status: int = 200, **values: object) -> Response:
    return HTMLResponse(_templates().get_template(name).render(values), status)


def sorry(sentence: str, status: int) -> Response:
    return page("sorry.html", status=status, sentence=sentence)


def say(headers: Headers, sentence: str, status: int) -> Response:
    """A sentence to somebody who looks at it, nothing but the status to a program."""
    return sorry(sentence, status) if shows_pages(headers) else Response(status_code=status)


def style() -> Response:
    return Response(_style(), media_type="text/css")


def to(path: str) -> Response:
    """Only ever a path of ours: a full address would be made of the Host header."""
    return RedirectResponse(path, 303)


def with_session(response: Response, token: str, settings: Settings) -> Response:
    """Lax, not Strict: a link to a page of ours in an email must find the reader signed in."""
    response.set_cookie(
        cookie_name(settings), token, path="/", httponly=True, samesite="lax", secure=over_tls(settings)
    )
    return response


def without_session(response: Response, settings: Settings) -> Response:
    response.delete_cookie(
        cookie_name(settings), path="/", httponly=True, samesite="lax", secure=over_tls(settings)
    )
    return response


async def read_form(request: Request) -> Mapping[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Refused("This form could not be read. Reload the page and try again.")
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > _LONGEST_FORM:
                raise Refused("This is more than the form takes. Shorten it and try again.")
        typed = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20)
        return {name: text.storable(value) for name, value in typed}
    except (ValueError, ClientDisconnect) as error:
        raise Refused("This form could not be read. Reload the page and try again.") from error


@cache
def _templates() -> Environment:
    templates = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True)
    templates.globals.update(sign_in=SIGN_IN, setup=SETUP, style=STYLE)
    return templates


@cache
def _style() -> bytes:
    return (_FOLDER / "sign-in.css").read_bytes()
