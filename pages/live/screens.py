"""The screens that are open at this process, and what each has still to be told."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from genko import clock
from pages.live.status import Status

UNREAD = "unread"  # the topic of one person's own reading
_SPREAD_MS = 3  # for each screen that will ask at the same moment: clicks get their turn in between
_LONGEST_SPREAD_MS = 600


@dataclass(eq=False)
class Screen:
    """One open websocket. What is not sent yet is kept together, however slow the line is."""

    staff_id: int
    _topics: set[str] = field(default_factory=set)
    _status: Status | None = None
    _has_news: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, topics: Collection[str], status: Status | None) -> None:
        self._topics.update(topics)
        self._status = status or self._status
        self._has_news.set()

    async def next_news(self) -> tuple[set[str], Status | None]:
        await self._has_news.wait()
        self._has_news.clear()
        topics, self._topics = self._topics, set()
        status, self._status = self._status, None
        return topics, status


class Screens:
    def __init__(self) -> None:
        self.status: Status | None = None
        self._open: set[Screen] = set()
        self._read_counts: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Screen]:
        return iter(self._open)

    @property
    def spread_ms(self) -> int:
        return min(_LONGEST_SPREAD_MS, _SPREAD_MS * (len(self._open) - 1))

    def add(self, screen: Screen) -> None:
        self._open.add(screen)
        if self.status:
            screen.note((), self.status)

    def remove(self, screen: Screen) -> None:
        self._open.discard(screen)

    def read_count(self, staff_id: int) -> int:
        """How often this person has read something here, for unread is each person's own."""
        return self._read_counts[staff_id]

    def note_read(self, staff_id: int) -> None:
        self._read_counts[staff_id] += 1
        self.tell({UNREAD}, only=lambda screen: screen.staff_id == staff_id)

    def tell(
        self,
        topics: Collection[str] = (),
        status: Status | None = None,
        *,
        only: Callable[[Screen], bool] = lambda _: True,
    ) -> None:
        fresh_status = status if status != self.status else None
        self.status = status or self.status
        if not topics and fresh_status is None:
            return
        for screen in self._open:
            if only(screen):
                screen.note(topics, fresh_status)


def message(topics: Collection[str], status: Status | None, spread_ms: int) -> dict[str, Any]:
    """What goes over the websocket: no patient data, only what is to be asked for anew."""
    told: dict[str, Any] = {
        "topics": sorted(topics),
        "spread_ms": spread_ms,
        "now": clock.now().isoformat(),
    }
    return told | ({"status": status.as_json()} if status else {})
