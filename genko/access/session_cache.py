"""The gate's look-ups, off the event loop."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from anyio import CancelScope, move_on_after, to_thread

from genko import clock
from genko.access import first_start, sessions
from genko.access.page_identity import idle, visit
from genko.access.sessions import SignedIn, token_hash
from genko.db import Database, DatabaseDown
from genko.settings import Settings

_REMEMBERED_FOR = 2.0
_MOST_REMEMBERED = 4096
_LOOK_EVERY_S = 1.5  # at all sessions that have an open screen, in one question


class Visitors:
    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self._settings = settings
        self._recent: dict[str, tuple[SignedIn, float]] = {}
        self._waiting: dict[str, set[CancelScope]] = {}
        self._set_up = False
        self._looking: asyncio.Task[None] | None = None

    async def find(self, token: str, *, counts: bool = False) -> SignedIn | None:
        """As the database says now."""
        look = partial(visit, token, self.database, self._settings, counts=counts)
        visitor = await to_thread.run_sync(look)
        self._remember(token_hash(token), visitor)
        return visitor

    async def find_recent(self, token: str) -> SignedIn | None:
        """As the database said up to two seconds ago: a page asks for a hundred scripts at once, an open one
        sends a frame every few seconds. A revoked session therefore lives two seconds longer, for these only."""
        visitor, until = self._recent.get(token_hash(token), (None, 0.0))
        return visitor if time.monotonic() < until else await self.find(token)

    @contextmanager
    def while_known(self, token: str, seconds: float) -> Iterator[None]:
        """Ends what is awaited inside after `seconds`, or as soon as anybody learns that the session is over: signing
        out in one tab leads that browser to the sign-in, and so all other tabs there too."""
        key = token_hash(token)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_at_open_ones())
        with move_on_after(seconds) as scope:
            waiting = self._waiting.setdefault(key, set())
            waiting.add(scope)
            try:
                yield
            finally:
                waiting.discard(scope)
                if not waiting and self._waiting.get(key) is waiting:
                    del self._waiting[key]

    async def _look_at_open_ones(self) -> None:
        """Keeps what is remembered of open screens fresh, so that a hundred of them do not ask one by one."""
        while self._waiting:
            await asyncio.sleep(_LOOK_EVERY_S)
            keys = list(self._waiting)
            with suppress(*DatabaseDown):  # the page says so itself, and has nothing to show
                found = await to_thread.run_sync(self._find_all, keys)
                for key in keys:
                    self._remember(key, found.get(key))

    def _find_all(self, keys: list[str]) -> dict[str, SignedIn]:
        with self.database.reading() as session:
            return sessions.who_all(session, keys, now=clock.now(), idle=idle(self._settings))

    def forget(self, token: str) -> None:
        self._forget(token_hash(token))

    def _forget(self, key: str) -> None:
        self._recent.pop(key, None)
        for scope in self._waiting.get(key, ()):
            scope.cancel()

    async def needs_setup(self) -> bool:
        if not self._set_up:  # never needed again once somebody works here
            self._set_up = not await to_thread.run_sync(self._needs_setup)
        return not self._set_up

    def _needs_setup(self) -> bool:
        with self.database.reading() as session:
            return first_start.needs_setup(session)

    def _remember(self, key: str, visitor: SignedIn | None) -> None:
        if visitor is None:
            self._forget(key)
            return
        if len(self._recent) >= _MOST_REMEMBERED:
            self._recent.clear()
        self._recent[key] = (visitor, time.monotonic() + _REMEMBERED_FOR)
