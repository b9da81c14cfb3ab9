"""The ASGI application: every provider under its own path, one control API, and the patient's phone."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from genko.sandbox import control, phone
from genko.sandbox.fault_middleware import FaultMiddleware
from genko.sandbox.guard import LoopbackOnly
from genko.sandbox.stand_in import StandIn
from genko.sandbox.stand_ins import STAND_INS
from genko.sandbox.world import World


def create_app(world: World) -> Starlette:
    providers = [_mounted(world, stand_in) for stand_in in STAND_INS.values()]
    app = Starlette(
        routes=[Route("/", home), *providers, *control.routes, *phone.routes],
        middleware=[Middleware(LoopbackOnly)],
    )
    app.state.world = world
    return app


async def home(_: Request) -> Response:
    return RedirectResponse("/phone")


def _mounted(world: World, stand_in: StandIn) -> Mount:
    provider = world.provider(stand_in.key)
    app = stand_in.create_app(provider)
    return Mount(f"/{stand_in.key}", FaultMiddleware(app, provider, stand_in))
