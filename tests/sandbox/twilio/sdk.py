"""The real SDK, sent to the sandbox instead of the provider."""

from typing import Any
from urllib.parse import urlsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

HOSTS = ("api.twilio.com", "messaging.twilio.com", "content.twilio.com")


class SandboxHttpClient(TwilioHttpClient):
    def __init__(self, base: str, timeout: float = 5.0) -> None:
        super().__init__(timeout=timeout)
        self.base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(url)
        if parts.hostname not in HOSTS:
            raise AssertionError(f"{parts.hostname} is not in the sandbox")
        local = self.base + parts.path + (f"?{parts.query}" if parts.query else "")
        return super().request(method, local, *args, **kwargs)


def client(base: str, sid: str, token: str, timeout: float = 5.0) -> Client:
    return Client(sid, token, http_client=SandboxHttpClient(base, timeout))
