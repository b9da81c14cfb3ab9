"""The small websocket of each screen. The gate lets it in and ends it with its session."""

from contextlib import suppress

from anyio import create_task_group
from starlette.websockets import WebSocket, WebSocketDisconnect

from genko.access.sessions import SignedIn
from pages.live.screens import Screen, Screens, message
from pages.live.watcher import Watcher


async def serve(websocket: WebSocket, screens: Screens, watcher: Watcher) -> None:
    visitor: SignedIn = websocket.scope["genko_staff"]
    await websocket.accept()
    screen = Screen(visitor.staff_id)
    screens.add(screen)
    watcher.start()
    try:
        async with create_task_group() as tasks:
            tasks.start_soon(_tell, websocket, screen, screens)
            await _wait_for_the_end(websocket)
            tasks.cancel_scope.cancel()
    finally:
        screens.remove(screen)


async def _tell(websocket: WebSocket, screen: Screen, screens: Screens) -> None:
    with suppress(OSError, WebSocketDisconnect):  # the other task hears of the end too
        while True:
            topics, status = await screen.next_news()
            await websocket.send_json(message(topics, status, screens.spread_ms))


async def _wait_for_the_end(websocket: WebSocket) -> None:
    """What a browser sends means nothing, but the gate looks at the session whenever this waits."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
