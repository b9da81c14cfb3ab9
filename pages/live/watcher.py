"""One watcher for each dashboard process: notices what changed in the database and tells the screens that are open."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime

from anyio import CapacityLimiter, to_thread

from genko import clock
from genko.access.error_location import where
from genko.db import Database, DatabaseDown
from genko.people import changes
from genko.people.changes import Mark
from pages.live.screens import Screens
from pages.live.status import DATABASE_DOWN, Status, read_status

_EVERY_S = 0.25
_STATUS_TICKS = 20  # a silent worker changes nothing: the status is read anew every five seconds
MINUTE = "minute"  # the topic of what time alone changes: a reply window closes, today becomes yesterday
_LOG = logging.getLogger("genko.pages")


class Watcher:
    """Looks only while a screen is connected. `version` counts the changes, for answers that screens share."""

    def __init__(self, database: Database, screens: Screens, *, every_s: float = _EVERY_S) -> None:
        self.version = 0
        self._database = database
        self._screens = screens
        self._every_s = every_s
        self._marks: frozenset[Mark] | None = None
        self._minute = 0
        self._ticks = 0
        self._task: asyncio.Task[None] | None = None
        # Of its own: a hundred fetches at once must not keep the watcher waiting for a thread.
        self._limiter = CapacityLimiter(1)

    @property
    def is_watching(self) -> bool:
        return self._marks is not None

    def start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        self._marks = None
        try:
            while self._screens:
                await self._tick()
                await asyncio.sleep(self._every_s)
        finally:
            self._marks = self._screens.status = None

    async def _tick(self) -> None:
        try:
            await self._look()
        except DatabaseDown:
            self._marks = None
            self._screens.tell(status=replace(self._screens.status or Status(), database=DATABASE_DOWN))
        except Exception as error:  # noqa: BLE001 - screens must go on being told; the log says where it was
            _LOG.error("watcher failed: %s", where(error))

    async def _look(self) -> None:
        now, before = clock.now(), self._marks
        marks = await to_thread.run_sync(self._read_marks, limiter=self._limiter)
        topics = {changes.EVERYTHING} if before is None else changes.topics_of(before, marks)
        topics |= self._time_passed(now)
        self._ticks += 1
        status = None
        if topics or self._ticks % _STATUS_TICKS == 0:
            status = await to_thread.run_sync(self._read_status, now, limiter=self._limiter)
        self._marks = marks
        topics.discard(changes.WORKER)
        self.version += bool(topics)
        self._screens.tell(topics, status)

    def _time_passed(self, now: datetime) -> set[str]:
        before, self._minute = self._minute, int(now.timestamp()) // 60
        return {MINUTE} if before not in {0, self._minute} else set()

    def _read_marks(self) -> frozenset[Mark]:
        with self._database.reading() as session:
            return changes.read_marks(session)

    def _read_status(self, now: datetime) -> Status:
        with self._database.reading() as session:
            return read_status(session, now)
