"""The websocket of each open screen."""

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from pages.live import websocket
from pages.live.screens import Screens
from pages.live.watcher import Watcher


def live_routes(screens: Screens, watcher: Watcher) -> list[BaseRoute]:
    async def live(socket: WebSocket) -> None:
        await websocket.serve(socket, screens, watcher)

    return [WebSocketRoute("/admin/api/live", live)]
