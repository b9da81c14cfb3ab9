"""Twilio over HTTP: one transport for all threads of an account, and what its errors mean."""

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import HttpClient
from twilio.http.response import Response

from genko.channels.base import ChannelError, Trouble
from genko.channels.providers import whatsapp_errors as errors

TIMEOUT = 15.0  # seconds to connect and, again, to read; a claim on a message must outlive both
_LONGEST_WAIT = 600.0  # seconds that a Retry-After is believed
_MOST_CONNECTIONS = 10  # kept for one account; it has fewer jobs than that

_LOG = logging.getLogger("twilio.http_client")
_LOG.setLevel(logging.WARNING)  # at INFO the SDK writes query parameters, which hold phone numbers


class Transport(HttpClient):  # type: ignore[misc, unused-ignore]
    """Shared by threads, which the SDK's own client must not be: that one keeps the latest answer on itself.

    The SDK has no base-address option either, so the host is swapped on the way out.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__(_LOG, is_async=False, timeout=TIMEOUT)
        self._base = urlsplit(base_url) if base_url else None
        self._session = requests.Session()
        self._session.mount("https://", HTTPAdapter(pool_maxsize=_MOST_CONNECTIONS))
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        if self._base:
            uri = self._at_base(uri, self._base)
        # What changes something gets a connection of its own: on one that was silently cut while it idled, nobody
        # could say whether a message had left.
        ask = self._session.request if method == "GET" else requests.request
        answer = ask(
            method,
            uri,
            params=params,
            data=data,
            headers=headers,
            auth=auth,
            timeout=timeout or self.timeout,
            allow_redirects=allow_redirects,
        )
        response = Response(answer.status_code, answer.text, answer.headers)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            # Raised here because the SDK's exceptions do not carry the header.
            wait = str((response.headers or {}).get("Retry-After", ""))
            seconds = min(float(wait), _LONGEST_WAIT) if wait.isdecimal() else None
            raise ChannelError(
                "Twilio asks us to slow down.", Trouble.BUSY, code="20429", retry_after=seconds
            )
        return response

    @staticmethod
    def _at_base(uri: str, base: SplitResult) -> str:
        parts = urlsplit(uri)
        path = base.path.rstrip("/") + parts.path
        return urlunsplit(parts._replace(scheme=base.scheme, netloc=base.netloc, path=path))


def answered_at(response: Response) -> datetime | None:
    """By Twilio's clock; None when it does not say."""
    try:
        return parsedate_to_datetime((response.headers or {})["Date"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def channel_error(error: Exception, *, reading: bool) -> ChannelError:
    """What an SDK error means. While reading nothing can happen twice, so a doubt is only a delay."""
    doubt = Trouble.BUSY if reading else Trouble.UNKNOWN
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _refusal(error.status, str(error.code or ""), doubt)
    if isinstance(error, requests.ConnectTimeout) or _never_left(error):
        return ChannelError("Twilio cannot be reached right now.", Trouble.BUSY)
    if isinstance(error, requests.RequestException):
        return ChannelError("Twilio did not answer in time.", doubt)
    if isinstance(error, TwilioException) and len(error.args) > 1 and isinstance(error.args[1], Response):
        return _refusal(error.args[1].status_code, "", doubt)
    return ChannelError("Twilio's answer could not be read.", doubt)


def _refusal(status: int, code: str, doubt: Trouble) -> ChannelError:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ChannelError("Twilio has a fault of its own right now.", doubt, code=code)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} and not errors.is_known(code):
        code = "20003"
    if status == HTTPStatus.NOT_FOUND and code in {"", "404"}:
        code = "20404"
    return ChannelError(errors.explain(code), errors.trouble(code), code=code)


def _never_left(error: Exception) -> bool:
    """A refused or unresolved connection; a reset may have come after the request was taken."""
    if not isinstance(error, requests.ConnectionError):
        return False
    return "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)
