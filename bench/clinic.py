"""A made-up clinic of any size: the same rows on every machine, told in the order in which they happened.

Rows are plain tuples of what both databases read: numbers, text, and times as text in UTC.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

from bench.people import name, phone_of, vocabulary

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
STAFF_ID = 1
COMMON, USUAL, RARE = "appointment", "invoice", "quinquagesima"  # a quarter, 2 %, and 10 messages
SURNAME = "Keller"
MESSAGES_EACH = 10
_STORY = timedelta(days=730)
_RARE_MESSAGES = 10

Row = tuple[int | str | None, ...]


@dataclass(slots=True)
class _Story:
    """What a conversation's roll-ups come to."""

    messages: int = 0
    inbound: int = 0
    first_at: str = ""
    last_at: str = ""
    last_inbound_at: str | None = None
    preview: str = ""
    author: str = "patient"
    waiting_since: str | None = None


class MadeClinic:
    """`messages` first: what the other tables hold is counted while they are told."""

    def __init__(self, conversations: int) -> None:
        self._random = Random(7)
        self._stories = [_Story() for _ in range(conversations)]
        self._statuses = self._random.choices(("active", "pending", "resolved"), (15, 5, 80), k=conversations)

    def messages(self) -> Iterator[Row]:
        """(id, conversation, account, author, staff, body, at, arrived at, provider's id, delivery)."""
        words = vocabulary()
        weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
        total = len(self._stories) * MESSAGES_EACH
        pace = _STORY / total
        for number, conversation in enumerate(self._who_writes(total), 1):
            body = " ".join(self._random.choices(words, cum_weights=weights, k=self._random.randint(3, 16)))
            if number % (total // _RARE_MESSAGES) == 0:
                body = f"{body} {RARE}"
            author = "staff" if self._random.random() < 0.4 else "patient"
            at = _stamp(NOW - _STORY + pace * number)
            self._tell(conversation - 1, author, body, at)
            staff, delivery = (STAFF_ID, "read") if author == "staff" else (None, None)
            account = _account(conversation)
            yield number, conversation, account, author, staff, body, at, at, f"SM{number:032x}", delivery

    def _who_writes(self, total: int) -> Iterator[int]:
        """Everybody once, then some far more often than others."""
        everybody = list(range(1, len(self._stories) + 1))
        self._random.shuffle(everybody)
        yield from everybody
        for _ in range(total - len(everybody)):
            yield 1 + int(len(everybody) * self._random.random() ** 2)

    def _tell(self, index: int, author: str, body: str, at: str) -> None:
        story = self._stories[index]
        story.messages += 1
        story.first_at = story.first_at or at
        story.last_at, story.preview, story.author = at, body[:139], author
        if author == "staff":
            story.waiting_since = None
        else:
            story.inbound += 1
            story.last_inbound_at = at
            story.waiting_since = story.waiting_since or at

    def leads(self) -> Iterator[Row]:
        """(id, first name, last name, phone, created at)."""
        for number, story in enumerate(self._stories, 1):
            first, _, last = name(number).partition(" ")
            yield number, first, last, phone_of(number), story.first_at

    def identities(self) -> Iterator[Row]:
        """(id, account, external id, profile name, phone, lead)."""
        for number in range(1, len(self._stories) + 1):
            known_as = phone_of(number)
            yield number, _account(number), f"whatsapp:{known_as}", name(number), known_as, number

    def conversations(self) -> Iterator[Row]:
        """(id, identity, account, status, created, name, three counts, preview, its author, four times)."""
        for number, (story, status) in enumerate(zip(self._stories, self._statuses, strict=True), 1):
            waiting = story.waiting_since if status == "active" else None
            counts = story.messages, story.inbound, int(number % 500 == 0)
            last = story.last_at, story.last_inbound_at, waiting, story.last_at
            head = number, number, _account(number), status, story.first_at, name(number)
            yield (*head, *counts, story.preview, story.author, *last)

    def tallies(self) -> Iterator[Row]:
        counted = Counter((_account(number), status) for number, status in enumerate(self._statuses, 1))
        return ((account, status, found) for (account, status), found in sorted(counted.items()))

    def seen(self) -> Iterator[Row]:
        """Staff have read half of the conversations, most of them to the end."""
        for number, story in enumerate(self._stories, 1):
            if number % 2:
                yield number, STAFF_ID, max(0, story.inbound - (number % 10 == 1))


def _account(conversation: int) -> int:
    """A big one, one with a tenth, and one with a five-hundredth of all."""
    return 3 if conversation % 500 == 1 else 2 if conversation % 10 == 0 else 1


def _stamp(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")
