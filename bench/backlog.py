"""Messages coming in, through the worker's own `fetch`, against the same rows by batched SQL written by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from statistics import median

from bench.backlog_floor import take_in
from bench.loading import open_clinic
from bench.measuring import table, timed
from bench.people import vocabulary
from bench.places import Place, Server
from genko import clock, phone, search, vault
from genko.channels.accounts import Connector, Due
from genko.channels.channel import Channel
from genko.channels.events import Inbound, Page
from genko.channels.providers.whatsapp import WhatsApp
from genko.db import Database
from genko.messages.fetch import fetch
from genko.settings import Settings

PAGE = 1000
PEOPLE = 500
_TARGET = 0.5  # of the floor's speed
_SAME = """
SELECT i.external_id, i.profile_name, i.phone, l.first_name, c.status, c.name, c.message_count, c.inbound_count,
       c.preview, c.created_at, c.last_message_at, c.last_inbound_at, c.waiting_since,
       (SELECT conversations FROM conversation_tally WHERE account_id = 1 AND status = 'active'),
       (SELECT count(*) FROM message), (SELECT count(*) FROM message_search), (SELECT count(*) FROM conversation_search),
       (SELECT count(*) FROM lead_search)
FROM conversation c JOIN identity i ON i.id = c.identity_id JOIN lead l ON l.id = i.lead_id ORDER BY i.external_id
"""


class _Listed(WhatsApp):
    """A provider that hands its list over without a network."""

    def __init__(self, events: Sequence[Inbound]) -> None:
        self._events = events

    def fetch(self, since: datetime, page: str | None = None, *, size: int = 50) -> Page:  # noqa: ARG002
        start = int(page or 0)
        more = str(start + size) if start + size < len(self._events) else None
        return Page([*self._events[start : start + size]], more)


@dataclass(frozen=True)
class _Due(Due):
    listed: Channel


class _Connector(Connector):
    def channel(self, due: Due) -> Channel:
        assert isinstance(due, _Due)
        return due.listed


class Sides:
    """A database the product fills and one filled by hand."""

    def __init__(self, product: Place, floor: Place) -> None:
        for place in (product, floor):
            loader = place.loader()
            open_clinic(loader)
            loader.finish()
        self._database = Database(product.url)
        self._connector = _Connector(Settings(), vault.Vault([vault.new_key()]))
        self._product, self._floor = product.bare(), floor.bare()

    def take_in(self, events: Sequence[Inbound]) -> tuple[float, float]:
        """Milliseconds of the product and of the floor."""
        due = _Due(
            1,
            "whatsapp",
            {},
            "",
            clock.now() - timedelta(days=3650),
            clock.now(),
            well=True,
            credentials_expire_at=None,
            listed=_Listed(events),
        )
        pages = [events[start : start + PAGE] for start in range(0, len(events), PAGE)]
        ours = timed(lambda: fetch(self._database, self._connector, due, sweep=len(events) > 1))
        phone.search_words.cache_clear()  # each side reads the phones for itself
        search.person_words.cache_clear()
        return ours, timed(lambda: [take_in(self._floor, page) for page in pages])

    def check(self) -> None:
        if self._product.rows(_SAME) != self._floor.rows(_SAME):
            raise AssertionError("product and floor have stored different rows")

    def close(self) -> None:
        self._database.close()
        self._product.close()
        self._floor.close()


def run(server: Server, kind: str, *, messages: int, crowds: int, singles: int) -> None:
    with server.empty(kind) as product, server.empty(kind) as floor:
        sides = Sides(product, floor)
        rows = [_row(what, each, times) for what, each, times in _measured(sides, messages, crowds, singles)]
        sides.check()
        sides.close()
    head = ["messages coming in", "floor, messages/s", "Genkō, messages/s", "share", "within target"]
    print(f"\n### {kind}: taking messages in, pages of {PAGE:,}\n\n{table(head, rows)}", flush=True)


def _measured(
    sides: Sides, messages: int, crowds: int, singles: int
) -> Iterator[tuple[str, int, list[tuple[float, float]]]]:
    """What, how many messages each time, and the times."""
    write = Writer()
    sides.take_in(write.messages(PAGE, 10_000_000))  # to warm up
    first = [write.messages(messages, crowd * PEOPLE) for crowd in range(crowds)]
    yield f"{messages:,} from {PEOPLE} new people", messages, [sides.take_in(one) for one in first]
    yield f"{messages:,} seen before", messages, [sides.take_in(one) for one in first]
    again = [write.messages(messages, crowd * PEOPLE) for crowd in range(crowds)]
    yield f"{messages:,} from people we know", messages, [sides.take_in(one) for one in again]
    single = [write.messages(1, number % PEOPLE) for number in range(singles)]
    yield f"one at a time ({singles})", 1, [sides.take_in(one) for one in single]


class Writer:
    """Patients who write: 500 from a number on, each in turn."""

    def __init__(self) -> None:
        self._random, self._words = Random(11), vocabulary()
        self._count, self._start = 0, clock.now() - timedelta(hours=6)

    def messages(self, count: int, first_person: int) -> list[Inbound]:
        return [self._message(first_person + number % PEOPLE) for number in range(count)]

    def _message(self, person: int) -> Inbound:
        self._count += 1
        at = self._start + timedelta(milliseconds=100 * self._count)
        words = " ".join(self._random.choices(self._words, k=9))
        return Inbound(
            f"SM{self._count:032x}",
            f"whatsapp:+49152{person:08d}",
            at,
            words,
            profile_name=f"Person {person}",
        )


def _row(what: str, each: int, times: list[tuple[float, float]]) -> list[str]:
    ours, bare = (_speed(each, list(some)) for some in zip(*times, strict=True))
    share = ours / bare
    return [what, f"{bare:,.0f}", f"{ours:,.0f}", f"{share:.2f}", "yes" if share >= _TARGET else "**missed**"]


def _speed(each: int, times: list[float]) -> float:
    return each * 1000 / median(times)
