"""The ASGI application."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from genko.sandbox import control, directory_api, media_api, messages_api, phone
from genko.sandbox.errors import ApiError, answer_error, unknown_path
from genko.sandbox.guard import LoopbackOnly
from genko.sandbox.trouble import Trouble
from genko.sandbox.world import World


def create_app(world: World) -> Starlette:
    twilio = [*media_api.routes, *messages_api.routes, *directory_api.routes]
    unknown = Route("/{path:path}", unknown_path, methods=["GET", "POST", "PUT", "DELETE"])
    app = Starlette(
        routes=[Route("/", home), *twilio, *control.routes, *phone.routes, unknown],
        middleware=[Middleware(LoopbackOnly), Middleware(Trouble, world=world)],
        exception_handlers={ApiError: answer_error},
    )
    app.state.world = world
    return app


async def home(_: Request) -> Response:
    return RedirectResponse("/phone")
