"""The board's columns, counts and cards."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from genko import clock
from genko.leads import board
from genko.leads.board import Board
from genko.leads.filters import LeadFilter
from genko.leads.models import Lead, LeadSource, LeadStage
from tests.factories import Clinic
from tests.leads.people import add_lead, convert, move


def look(clinic: Clinic, wanted: LeadFilter | None = None, **shown: int) -> Board:
    with clinic.database.reading() as session:
        return board.find_board(
            session,
            wanted or LeadFilter(),
            at=clock.now(),
            shown={LeadStage(stage): number for stage, number in shown.items()},
        )


def counts(found: Board) -> list[int]:
    return [column.count for column in found.columns]


def names(found: Board, stage: LeadStage = LeadStage.LEAD) -> list[str]:
    return [card.name for column in found.columns if column.stage is stage for card in column.cards]


def test_a_column_for_each_stage_even_when_nobody_is_there(clinic: Clinic) -> None:
    found = look(clinic)
    assert [column.stage for column in found.columns] == list(LeadStage)
    assert counts(found) == [0] * 5


def test_the_newest_moved_card_is_on_top_and_counts_do_not_depend_on_what_is_shown(clinic: Clinic) -> None:
    numbers = [add_lead(clinic, first_name=f"A{n}", last_name="", days_old=10 - n) for n in range(4)]
    move(clinic, numbers[0], LeadStage.PROSPECT)
    move(clinic, numbers[0], LeadStage.LEAD)
    found = look(clinic, lead=3)
    assert names(found) == ["A0", "A3", "A2"]
    assert counts(found) == [4, 0, 0, 0, 0]
    assert names(look(clinic, lead=50)) == ["A0", "A3", "A2", "A1"]


def test_a_card_carries_what_staff_need_to_decide(clinic: Clinic) -> None:
    add_lead(clinic, tags=["whitening", "braces"], days_old=3, accepted_at=None)
    add_lead(clinic, first_name="", last_name="", phone=None, days_old=0.5, source=LeadSource.INSTAGRAM)
    nameless, ana = look(clinic).columns[0].cards
    assert (ana.name, ana.phone, ana.tags) == ("Ana Díaz", "01511 2345678", ("braces", "whitening"))
    assert (ana.uncontacted, ana.new, ana.source) == (True, True, LeadSource.WHATSAPP)
    assert (nameless.name, nameless.phone, nameless.tags) == ("", "", ())
    assert (nameless.uncontacted, nameless.new) == (False, False)


def test_closed_leads_are_neither_new_nor_uncontacted(clinic: Clinic) -> None:
    number = add_lead(clinic, accepted_at=None, days_old=9)
    convert(clinic, number, clock.now())
    (card,) = look(clinic).columns[3].cards
    assert (card.uncontacted, card.new) == (False, False)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (LeadFilter(search="0151 1234"), [1, 0, 0, 0, 0]),
        (LeadFilter(search="diaz"), [1, 1, 0, 0, 0]),
        (LeadFilter(source=LeadSource.REFERRAL), [0, 1, 0, 0, 0]),
        (LeadFilter(tag="braces"), [1, 0, 0, 0, 0]),
        (LeadFilter(uncontacted=True), [0, 1, 0, 0, 0]),
    ],
)
def test_counts_follow_search_and_filters(clinic: Clinic, wanted: LeadFilter, expected: list[int]) -> None:
    add_lead(clinic, tags=["braces"], days_old=0.1)
    add_lead(clinic, phone=None, source=LeadSource.REFERRAL, stage=LeadStage.PROSPECT, days_old=2)
    add_lead(clinic, first_name="Bo", last_name="Ek", phone=None, stage=LeadStage.LOST, days_old=2)
    found = look(clinic, wanted)
    assert counts(found) == expected
    assert [len(column.cards) for column in found.columns] == expected


def test_one_stage_wanted_leaves_the_other_columns_as_places_to_drop(clinic: Clinic) -> None:
    add_lead(clinic)
    add_lead(clinic, stage=LeadStage.PROSPECT)
    found = look(clinic, LeadFilter(stage=LeadStage.PROSPECT))
    assert counts(found) == [1, 1, 0, 0, 0]
    assert [len(column.cards) for column in found.columns] == [0, 1, 0, 0, 0]
    assert [column.left_out for column in found.columns] == [True, False, True, True, True]


@pytest.mark.slow
def test_twenty_thousand_leads_take_few_statements(clinic: Clinic) -> None:
    now = clock.now()
    rows = [
        {
            "first_name": f"A{n}", "last_name": "B", "sort_name": f"b a{n}", "phone": f"+49151{n:08}",
            "source": LeadSource.WHATSAPP, "stage": list(LeadStage)[n % 5], "notes": "", "lost_reason": "", "name_typed": True,
        } | dict.fromkeys(["created_at", "stage_changed_at", "changed_at"], now - timedelta(minutes=n))
        for n in range(20_000)
    ]  # fmt: skip
    with clinic.database.transaction() as session:
        session.execute(sa.insert(Lead), rows)
    statements: list[str] = []
    sa.event.listen(
        clinic.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    assert counts(look(clinic)) == [4000] * 5
    assert len([one for one in statements if one.startswith("SELECT")]) <= 9
