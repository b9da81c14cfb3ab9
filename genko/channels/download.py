"""Fetches a file from a provider without handing its credentials to anybody else."""

import time
from urllib.parse import urljoin, urlsplit

import httpx

from genko.channels.base import ChannelError, Trouble

_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_REDIRECTS = 3
_LONGEST = 120.0  # seconds for a whole file, however slowly it drips


def download(url: str, auth: tuple[str, str], cap: int) -> bytes:
    """Credentials go to the first address only, never along a redirect to another host. `cap` is in bytes."""
    origin, deadline = urlsplit(url), time.monotonic() + _LONGEST
    with httpx.Client(timeout=_TIMEOUT, follow_redirects=False) as client:
        for _hop in range(_REDIRECTS + 1):
            try:
                same_host = urlsplit(url)[:2] == origin[:2]
                with client.stream("GET", url, auth=auth if same_host else None) as response:
                    if not response.is_redirect:
                        return _read(response, cap, deadline)
                    url = _next(url, response.headers.get("location", ""), origin.scheme)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                raise ChannelError("The file could not be fetched yet.", Trouble.BUSY) from error
    raise ChannelError("The file could not be fetched: too many redirects.", Trouble.MESSAGE)


def _next(url: str, location: str, scheme: str) -> str:
    target = urljoin(url, location)
    if urlsplit(target).scheme != scheme:  # https must not turn into anything weaker
        raise ChannelError(
            "The file could not be fetched: it moved to an address that is not safe.", Trouble.MESSAGE
        )
    return target


def _read(response: httpx.Response, cap: int, deadline: float) -> bytes:
    if response.status_code in {401, 403}:
        raise ChannelError(
            "The provider did not let us fetch the file.", Trouble.BUSY, code=str(response.status_code)
        )
    if response.status_code >= 400:  # noqa: PLR2004 - a fresh file answers 404 for some seconds
        raise ChannelError(
            "The file is not available at the provider.", Trouble.BUSY, code=str(response.status_code)
        )
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if time.monotonic() > deadline:
            raise ChannelError("The file could not be fetched yet: it came too slowly.", Trouble.BUSY)
        if len(content) > cap:
            raise ChannelError(
                f"The file is larger than {cap // 1_000_000} MB and was not fetched.", Trouble.MESSAGE
            )
    return bytes(content)
