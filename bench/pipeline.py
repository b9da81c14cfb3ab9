"""Leads: a page of the table, the board, moving a card and an import, against SQL written by hand."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from typing import Any

from sqlalchemy.orm import Session

from bench.backlog_floor import SEARCH, time_of
from bench.bare import Bare
from bench.clinic import NOW, STAFF_ID, Row
from bench.loading import Loader, open_clinic
from bench.measuring import Pair, Timing, compare, table, timed
from bench.people import name, phone_of, phone_words
from bench.places import KINDS, Server
from genko import phone, search, text
from genko.db import Database
from genko.leads import board, csv_import, pipeline
from genko.leads import table as leads
from genko.leads.filters import CONTACT_WITHIN, LeadFilter
from genko.leads.models import LeadSource, LeadStage
from genko.leads.table import LeadSort
from genko.people.import_leads import import_rows

_STAGES, _SOURCES = list(LeadStage), list(LeadSource)
_TAGS = "follow-up", "insurance-question", "price-sensitive", "referral", "urgent"
_LEAD = (
    "id first_name last_name sort_name phone email created_at name_typed notes stage source lost_reason "
    "stage_changed_at changed_at accepted_at"
)
_ROW = "SELECT id, first_name, last_name, phone, email, stage, source, created_at, contacted_at, patient_id FROM lead"
_CARD = (
    "SELECT id, stage, first_name, last_name, phone, source, created_at, contacted_at, accepted_at, lost_reason "
    "FROM lead WHERE stage = :stage ORDER BY stage_changed_at DESC, id DESC LIMIT 50"
)
_NEW_LEAD = """
INSERT INTO lead (first_name, last_name, sort_name, name_typed, phone, email, notes, stage, source, lost_reason,
    created_at, stage_changed_at, changed_at, accepted_at)
VALUES (:first, :last, :sort_name, :yes, :phone, :email, '', 'lead', 'website', '', :at, :at, :at, :at)
"""
_NEWEST = "SELECT id, phone FROM lead ORDER BY id DESC LIMIT {}"
_PLACE = "CASE stage WHEN 'lead' THEN 0 WHEN 'prospect' THEN 1 WHEN 'qualified' THEN 2 WHEN 'converted' THEN 3 ELSE 4 END"
_BATCH = 200  # rows, as the product's


def run(server: Server, *, sizes: list[int], rounds: int, rows: int) -> None:
    for kind in KINDS:
        found = [_measured(server, kind, size, rounds, rows) for size in sizes]
        lines = []
        for (what, target), *pairs in zip(_TARGETS.items(), *found, strict=True):
            cells = [cell for one in pairs for cell in (str(one.floor), str(one.product), f"{one.ratio:.1f}")]
            most = pairs[-1]  # where there are few, the program's own two milliseconds are measured
            met = most.ratio <= target or most.product.median <= 2
            lines.append([what, *cells, "yes" if met else "**missed**"])
        head = ["leads, ms"]
        for size in sizes:
            head += [f"floor, {size:,} leads", "Genkō", "ratio"]
        print(
            f"\n### {kind}: leads (import: {rows:,} rows)\n\n{table([*head, 'within target'], lines)}",
            flush=True,
        )


# Times the floor: reads 2.5, moving a card 3 (it is audited and leaves a step), an import 2 (half of its speed).
_TARGETS = {
    "table, newest first": 2.5,
    "table, one source, by name": 2.5,
    "table, tagged, page 2": 2.5,
    "table, by stage": 2.5,
    "table, by first tag": 2.5,
    "table, not contacted for a day": 2.5,
    "board, five columns": 2.5,
    "move a card": 3,
    "import": 2,
}


def _measured(server: Server, kind: str, size: int, rounds: int, rows: int) -> list[Pair]:
    with server.empty(kind) as place:
        _fill(place.loader(), size)
        database, bare = Database(place.url), place.bare()
        reading = [_compared(database, *one, rounds) for one in _questions(bare)]
        move = compare(*_moves(database, bare), rounds=rounds)
        imported = _import(database, bare, rows)
        database.close()
        bare.close()
    return [*reading, move, imported]


def _fill(loader: Loader, size: int) -> None:
    open_clinic(loader)
    loader.load("lead", _LEAD, (_lead(number) for number in range(1, size + 1)))
    loader.load("lead_tag", "lead_id name", ((n, _TAGS[n % 5]) for n in range(1, size + 1) if n % 3 == 0))
    words = (
        (n, " ".join(dict.fromkeys([*text.words(name(n)), *phone_words(n)]))) for n in range(1, size + 1)
    )
    loader.load(*loader.lead_search, words)
    loader.finish()


def _lead(number: int) -> Row:
    first, last = name(number).split()
    at = str((NOW - timedelta(minutes=7 * number)).replace(tzinfo=None))
    who = (
        number,
        first,
        last,
        text.sort_name(first, last),
        phone_of(number),
        f"p{number}@mail.example",
        at,
        1,
        "",
    )
    return *who, _STAGES[number % 5], _SOURCES[number % 4], "", at, at, at


Answer = list[int]


def _compared(
    database: Database, product: Callable[[Session], Answer], floor: Callable[[], Answer], rounds: int
) -> Pair:
    def ask() -> Answer:
        with database.reading() as session:
            return product(session)

    ours, bare = ask(), floor()
    if ours != bare:
        raise AssertionError(f"the product answers {ours}, the floor {bare}")
    return compare(ask, floor, rounds=rounds)


def _questions(bare: Bare) -> Iterator[tuple[Callable[[Session], Answer], Callable[[], Answer]]]:
    """Both answer how many there are and who is shown."""

    def page(wanted: LeadFilter, sort: LeadSort, number: int = 1) -> Callable[[Session], Answer]:
        def ask(session: Session) -> Answer:
            found = leads.find_page(session, wanted, sort, sort is LeadSort.CREATED, number, NOW)
            return [found.total, *(row.id for row in found.rows)]

        return ask

    def rows(where: str, order: str, offset: int = 0, joined: str = "") -> Callable[[], Answer]:
        def ask() -> Answer:
            total = bare.rows(f"SELECT count(*) FROM lead WHERE {where}", **values)[0][0]
            asked = f"{_ROW} {joined} WHERE {where} ORDER BY {order} LIMIT 50 OFFSET {offset}"
            return [total, *_with_tags(bare, [row[0] for row in bare.rows(asked, **values)])]

        values = {"yesterday": time_of(bare, NOW - CONTACT_WITHIN)} if ":yesterday" in where else {}
        return ask

    newest = "created_at DESC, id DESC"
    yield page(LeadFilter(), LeadSort.CREATED), rows("1 = 1", newest)
    by_website = LeadFilter(source=LeadSource.WEBSITE)
    yield page(by_website, LeadSort.NAME), rows("source = 'website'", "sort_name, id")
    tagged = "id IN (SELECT lead_id FROM lead_tag WHERE name = 'urgent')"
    yield page(LeadFilter(tag="urgent"), LeadSort.CREATED, 2), rows(tagged, newest, 50)
    yield page(LeadFilter(), LeadSort.STAGE), rows("1 = 1", f"{_PLACE}, id")
    first_tag = (
        "LEFT JOIN (SELECT lead_id, min(name) AS tag FROM lead_tag GROUP BY lead_id) t ON lead_id = id"
    )
    yield page(LeadFilter(), LeadSort.TAGS), rows("1 = 1", "tag NULLS LAST, id", joined=first_tag)
    unseen = "stage IN ('lead', 'prospect', 'qualified') AND coalesce(contacted_at, created_at) < :yesterday"
    yield page(LeadFilter(uncontacted=True), LeadSort.CREATED), rows(unseen, newest)
    yield _board, lambda: _bare_board(bare)


def _board(session: Session) -> Answer:
    columns = board.find_board(session, LeadFilter(), at=NOW).columns
    return [*(column.count for column in columns), *(card.id for column in columns for card in column.cards)]


def _bare_board(bare: Bare) -> Answer:
    counts = dict(bare.rows("SELECT stage, count(*) FROM lead GROUP BY stage"))
    found = [row[0] for stage in _STAGES for row in bare.rows(_CARD, stage=stage.value)]
    return [*(counts[stage] for stage in _STAGES), *_with_tags(bare, found)]


def _with_tags(bare: Bare, found: list[int]) -> list[int]:
    bare.rows(f"SELECT lead_id, name FROM lead_tag WHERE lead_id IN ({', '.join(map(str, found))})")
    return found


def _moves(database: Database, bare: Bare) -> tuple[Callable[[], object], Callable[[], object]]:
    """There and back, as the board asks for it. The floor changes one row and commits."""
    steps = cycle([(LeadStage.PROSPECT, LeadStage.QUALIFIED), (LeadStage.QUALIFIED, LeadStage.PROSPECT)])
    others = cycle([LeadStage.QUALIFIED, LeadStage.PROSPECT])
    with database.transaction() as session:
        pipeline.move(session, 1, LeadStage.PROSPECT, by=STAFF_ID)

    def product() -> None:
        was, to = next(steps)
        with database.transaction() as session:
            pipeline.move(session, 1, to, by=STAFF_ID, expected=was)

    def floor() -> None:
        with bare.transaction():
            bare.run("UPDATE lead SET stage = :stage WHERE id = 6", [{"stage": next(others).value}])

    return product, floor


def _import(database: Database, bare: Bare, rows: int) -> Pair:
    """A file of people nobody knows yet, another one for each side."""
    ours = timed(lambda: _import_file(database, _file(rows, 40_000_000), rows))
    floor = timed(lambda: _insert_file(bare, _file(rows, 50_000_000)))
    return Pair(Timing(ours, ours), Timing(floor, floor))


def _file(rows: int, first: int) -> bytes:
    numbers = range(first, first + rows)
    lines = (f"{name(n).replace(' ', ',')},{phone_of(n)},p{n}@mail.example,follow-up" for n in numbers)
    return "\n".join(["First name,Last name,Phone,Email,Tags", *lines]).encode()


def _import_file(database: Database, data: bytes, rows: int) -> None:
    sheet = csv_import.read_sheet(data)
    columns = csv_import.guess_columns(sheet.headers)
    for start in range(0, rows, _BATCH):
        batch = sheet.rows[start : start + _BATCH]
        with database.transaction() as session:
            import_rows(session, batch, columns, LeadSource.WEBSITE, by=STAFF_ID)


def _insert_file(bare: Bare, data: bytes) -> None:
    """Reads the phones and spells the words as the product does; looks nobody up and writes no audit."""
    rows = list(csv.reader(io.StringIO(data.decode())))[1:]
    for start in range(0, len(rows), _BATCH):
        people = [_person(bare, row) for row in rows[start : start + _BATCH]]
        with bare.transaction():
            bare.run(_NEW_LEAD, people)
            stored = {row[1]: row[0] for row in bare.rows(_NEWEST.format(len(people)))}
            found = [
                {"id": stored[one["phone"]], "words": one["words"], "tag": "follow-up"} for one in people
            ]
            bare.run(SEARCH[bare.kind].format("lead"), found)
            bare.run("INSERT INTO lead_tag (lead_id, name) VALUES (:id, :tag)", found)


def _person(bare: Bare, row: list[str]) -> dict[str, Any]:
    first, last, number, email, _ = row
    number = phone.normalize(number, "DE")
    words = " ".join(dict.fromkeys(search.person_words(f"{first} {last}", number, email)))
    return {
        "first": first, "last": last, "sort_name": text.sort_name(first, last), "phone": number, "email": email,
        "at": time_of(bare, NOW), "yes": True, "words": words,
    }  # fmt: skip
