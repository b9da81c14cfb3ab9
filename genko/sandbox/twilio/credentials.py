"""Who is calling, by HTTP Basic, and what they may touch."""

from secrets import compare_digest

from starlette.requests import Request

from genko.sandbox.calls import Call
from genko.sandbox.faults import Fault, FaultKind
from genko.sandbox.records import Message
from genko.sandbox.twilio.accounts import TwilioAccount
from genko.sandbox.twilio.calls import basic_credentials
from genko.sandbox.twilio.errors import ApiError, not_found
from genko.sandbox.world import Provider


def provider_of(request: Request) -> Provider:
    provider: Provider = request.app.state.provider
    return provider


def signed_in(request: Request, active: bool = True) -> TwilioAccount:
    """The account whose credentials came along; it must also be the one named in the path."""
    user, password = basic_credentials(request.headers.get("authorization", ""))
    account = provider_of(request).accounts.get(user)
    if account is None or not compare_digest(account.token.encode(), password.encode()):
        raise ApiError(401, 20003, "Authenticate")
    if request.path_params.get("account", account.id) != account.id:
        raise not_found(request)
    if active and account.status != "active":
        raise ApiError(403, 20005, "Account not active")
    assert isinstance(account, TwilioAccount)
    return account


def message_asked_for(request: Request) -> Message:
    account = signed_in(request)
    message = account.messages_by_id.get(request.path_params["message"])
    if message is None:
        raise not_found(request)
    return message


def take_fault(request: Request, kind: FaultKind) -> Fault | None:
    """The fault of this kind that is set for this request; it counts as used."""
    call: Call = request.state.call
    return provider_of(request).faults.take(kind, call)
