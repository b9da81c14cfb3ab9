"""What screens ask: each service call against the same answer by hand-written SQL, on both databases."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

from sqlalchemy.orm import Session

from bench.clinic import COMMON, NOW, RARE, STAFF_ID, SURNAME, USUAL
from bench.floors import Floor
from bench.measuring import Pair, compare, table
from bench.places import KINDS, Place, Server
from genko.db import Database
from genko.messages import conversation_head, inbox, thread
from genko.messages.inbox import InboxFilter, Order, Tab
from genko.messages.models import ConversationStatus
from genko.people import changes

_GROWTH = 1.5  # the biggest size against the smallest
_FLAT = 2.0  # milliseconds in which anything is quick enough

Answer = list[int] | int


@dataclass(frozen=True)
class Question:
    name: str
    product: Callable[[Session], Answer]
    floor: Callable[[Floor], Answer]
    ratio: float | None = 2.5  # None: a part of something that has its target as a whole
    cap: float = float("inf")  # milliseconds
    grows: bool = False  # allowed to take longer with more messages

    def verdict(self, pairs: list[Pair]) -> str:
        """Every size within its target, and the biggest within reach of the smallest."""
        if self.ratio is None:
            return "-"
        slow = any(
            one.product.median > max(self.ratio * one.floor.median, _FLAT) or one.product.median > self.cap
            for one in pairs
        )
        grew = not self.grows and pairs[-1].product.median > max(_GROWTH * pairs[0].product.median, _FLAT)
        return "**missed**" if slow else "**grows**" if grew else "yes"


def _page(wanted: InboxFilter) -> Callable[[Session], Answer]:
    return lambda session: [row.id for row in inbox.find_page(session, wanted, by=STAFF_ID, at=NOW).rows]


def _inbox(name: str, wanted: InboxFilter, floor: Callable[[Floor], Answer]) -> Question:
    return Question(f"inbox, {name}", _page(wanted), floor)


def _search(name: str, typed: str, cap: float = float("inf")) -> Question:
    wanted = _page(InboxFilter(search=typed))
    return Question(
        f"search: {name}", wanted, lambda floor: floor.search(typed), ratio=2, cap=cap, grows=True
    )


def _open(session: Session, number: int) -> Answer:
    conversation_head.get_head(session, number, by=STAFF_ID, at=NOW, region="DE")
    return [message.id for message in thread.get_thread(session, number).messages]


def _changed(session: Session) -> Answer:
    """What the watcher asks four times a second; the floor asks for the conversations alone."""
    return sorted(mark.id for mark in changes.read_marks(session) if mark.kind == "conversation")


def _opening(name: str, first: int, last: int) -> Question:
    """A different conversation each time; product and floor walk the same ones."""
    numbers = range(first, last, max(1, (last - first) // 97))
    ours, bare = cycle(numbers), cycle(numbers)
    return Question(
        name,
        lambda session: _open(session, next(ours)),
        lambda floor: floor.conversation(next(bare)),
        ratio=None,  # from the click to the thread: bench.screens
    )


def questions(size: int) -> list[Question]:
    return [
        _inbox("first page", InboxFilter(), lambda floor: floor.page("c.status <> 'resolved'")),
        _inbox("one status", InboxFilter(status=ConversationStatus.PENDING), lambda floor: floor.page("c.status = 'pending'")),
        _inbox("one account", InboxFilter(account_id=2), lambda floor: floor.page("c.status <> 'resolved'", account=2)),
        _inbox("small account", InboxFilter(account_id=3), lambda floor: floor.page("c.status <> 'resolved'", account=3)),
        _inbox("closed tab", InboxFilter(tab=Tab.CLOSED), lambda floor: floor.page("c.status = 'resolved'")),
        _inbox("waiting first", InboxFilter(order=Order.WAITING), Floor.waiting_first),
        Question("tab counts", lambda session: sum(inbox.count_tabs(session, InboxFilter())), Floor.tallies),
        Question("anything new?", _changed, Floor.newest_changes),
        _opening("open a conversation", size // 10, size),
        _opening("open a long conversation", 1, 20),
        _search("name", SURNAME),
        _search("phone", "0151 00000123"),
        _search("rare word", RARE),
        _search("word in 2 %", USUAL),
        _search("common word", COMMON, cap=50),
        _search("two common words", f"please {COMMON}", cap=50),
    ]  # fmt: skip


def run(server: Server, sizes: list[int], *, rounds: int) -> None:
    for kind in KINDS:
        found = [_measure(server.filled(kind, size), size, rounds) for size in sizes]
        print(f"\n### {kind}: screens' questions, ms (median / p95)\n\n{_table(sizes, found)}", flush=True)


def _measure(place: Place, size: int, rounds: int) -> list[Pair]:
    database, bare = Database(place.url), place.bare()
    pairs = [_pair(database, Floor(bare), one, rounds) for one in questions(size)]
    bare.close()
    database.close()
    return pairs


def _pair(database: Database, floor: Floor, question: Question, rounds: int) -> Pair:
    def product() -> Answer:
        with database.reading() as session:
            return question.product(session)

    ours, bare = product(), question.floor(floor)
    if ours != bare:
        raise AssertionError(f"{question.name}: the product answers {ours}, the floor {bare}")
    return compare(product, lambda: question.floor(floor), rounds=rounds)


def _table(sizes: list[int], found: list[list[Pair]]) -> str:
    head = ["request"]
    for size in sizes:
        head += [f"floor, {size * 10 // 1000:,}k messages", "Genkō", "ratio"]
    rows = []
    for question, *pairs in zip(questions(sizes[0]), *found, strict=True):
        cells = [cell for one in pairs for cell in (str(one.floor), str(one.product), f"{one.ratio:.1f}")]
        rows.append([question.name, *cells, question.verdict(pairs)])
    return table([*head, "within target"], rows)
