"""Who is calling, by HTTP Basic, and what they may touch."""

from secrets import compare_digest

from starlette.requests import Request

from genko.sandbox.calls import basic_credentials
from genko.sandbox.errors import ApiError, not_found
from genko.sandbox.records import Account, Message
from genko.sandbox.world import World


def world_of(request: Request) -> World:
    world: World = request.app.state.world
    return world


def signed_in(request: Request, active: bool = True) -> Account:
    """The account whose credentials came along; it must also be the one named in the path."""
    user, password = basic_credentials(request.headers.get("authorization", ""))
    account = world_of(request).accounts.get(user)
    if account is None or not compare_digest(account.token.encode(), password.encode()):
        raise ApiError(401, 20003, "Authenticate")
    if request.path_params.get("account", account.sid) != account.sid:
        raise not_found(request.url.path)
    if active and account.status != "active":
        raise ApiError(403, 20005, "Account not active")
    return account


def message_asked_for(request: Request) -> Message:
    account = signed_in(request)
    message = account.by_sid.get(request.path_params["message"])
    if message is None:
        raise not_found(request.url.path)
    return message
