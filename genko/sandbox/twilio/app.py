"""Twilio's APIs, which the real service spreads over several hosts."""

from starlette.applications import Starlette
from starlette.routing import Route

from genko.sandbox.twilio import directory_api, media_api, messages_api
from genko.sandbox.twilio.errors import ApiError, answer_error, unknown_path
from genko.sandbox.world import Provider


def create_app(provider: Provider) -> Starlette:
    unknown = Route("/{path:path}", unknown_path, methods=["GET", "POST", "PUT", "DELETE"])
    app = Starlette(
        routes=[*media_api.routes, *messages_api.routes, *directory_api.routes, unknown],
        exception_handlers={ApiError: answer_error},
    )
    app.state.provider = provider
    return app
