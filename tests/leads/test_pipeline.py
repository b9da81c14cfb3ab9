"""Stages: what may be moved where, and one truth however many move at once."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from genko.access.models import AuditEntry
from genko.errors import GenkoError, NotAllowed, NotFound, Refused
from genko.leads import pipeline
from genko.leads.models import Lead, LeadSource, LeadStage, LeadStageChange
from tests.factories import Clinic
from tests.leads.people import add_lead, changes, convert, lead, move
from tests.steps import at_once, everything, overtaken, refused

LEAD, PROSPECT, QUALIFIED, CONVERTED, LOST = LeadStage


def assert_one_chain(clinic: Clinic, lead_id: int, begun_in: LeadStage = LEAD) -> None:
    """Every step begins where the one before ended, the last ends where the lead is, and each is audited."""
    stage, steps = begun_in, changes(clinic, lead_id)
    for step in steps:
        assert step.from_stage is stage
        assert step.to_stage is not stage
        stage = step.to_stage
    assert lead(clinic, lead_id).stage is stage
    audited = [one.action for one in everything(clinic.database, AuditEntry) if one.subject_id == lead_id]
    assert audited.count("lead:move") == len(steps)


def test_a_move_is_kept_with_who_and_when(clinic: Clinic) -> None:
    number = add_lead(clinic, accepted_at=None)
    before = lead(clinic, number)
    move(clinic, number, PROSPECT, expected=LEAD)
    after = lead(clinic, number)
    assert after.stage is PROSPECT
    assert after.stage_changed_at > before.stage_changed_at
    assert after.changed_at > before.changed_at
    assert after.accepted_at is not None
    move(clinic, number, LOST, by=clinic.ada, reason=" Went elsewhere ")
    assert lead(clinic, number).lost_reason == "Went elsewhere"
    with clinic.database.reading() as session:
        steps = pipeline.find_steps(session, number)
    assert [(one.stage, one.by, one.reason, one.source) for one in steps] == [
        (LEAD, "", "", LeadSource.WHATSAPP),
        (PROSPECT, "Maria", "", None),
        (LOST, "Ada", "Went elsewhere", None),
    ]
    assert [one.at for one in steps] == sorted(one.at for one in steps)
    move(clinic, number, QUALIFIED)
    assert lead(clinic, number).lost_reason == ""
    assert_one_chain(clinic, number)


def test_moving_to_where_it_is_does_nothing(clinic: Clinic) -> None:
    number = add_lead(clinic)
    before = lead(clinic, number).changed_at
    move(clinic, number, LEAD, expected=QUALIFIED)
    assert changes(clinic, number) == []
    assert lead(clinic, number).changed_at == before


def test_converted_is_reached_by_converting_and_lost_with_a_reason(clinic: Clinic) -> None:
    number = add_lead(clinic)
    assert refused(lambda: move(clinic, number, CONVERTED), Refused) == "Convert the lead instead."
    assert "why" in refused(lambda: move(clinic, number, LOST, reason="  "), Refused)
    assert lead(clinic, number).stage is LEAD
    assert_one_chain(clinic, number)


def test_a_converted_lead_stays_and_says_who_converted_it_when(clinic: Clinic) -> None:
    number = add_lead(clinic)
    convert(clinic, number, datetime(2026, 3, 2, 13, 5, tzinfo=UTC))
    said = refused(lambda: move(clinic, number, LEAD), Refused)
    assert said.startswith("Already converted by Ada on 2 March")
    assert said.endswith(" at 14:05. A patient's lead stays where it is.")
    assert lead(clinic, number).stage is CONVERTED


@pytest.mark.parametrize("stage", [CONVERTED, LOST])
def test_a_move_to_where_a_colleague_has_just_put_it_needs_no_reason(
    clinic: Clinic, stage: LeadStage
) -> None:
    lead_id = add_lead(clinic, stage=stage)
    move(clinic, lead_id, stage, expected=LEAD)
    assert (lead(clinic, lead_id).stage, changes(clinic, lead_id)) == (stage, [])


def test_a_colleague_who_was_quicker_stops_a_move_and_is_named(clinic: Clinic) -> None:
    number = add_lead(clinic)
    move(clinic, number, QUALIFIED, by=clinic.ada)
    said = refused(lambda: move(clinic, number, PROSPECT, expected=LEAD), Refused)
    assert said == "Ada has moved this lead to Qualified in the meantime."
    assert_one_chain(clinic, number)


def test_somebody_who_moves_it_while_i_look_stops_me(clinic: Clinic) -> None:
    number = add_lead(clinic)
    with pytest.raises(Refused, match="Ada has moved"):
        overtaken(
            clinic.database,
            lambda session: pipeline.move(session, number, QUALIFIED, by=clinic.ada, expected=LEAD),
            lambda session: pipeline.move(session, number, PROSPECT, by=clinic.maria, expected=LEAD),
        )
    assert_one_chain(clinic, number)


def test_a_viewer_moves_nothing_and_a_deleted_lead_is_gone(clinic: Clinic) -> None:
    number = add_lead(clinic)
    with pytest.raises(NotAllowed):
        move(clinic, number, PROSPECT, by=clinic.vic)
    with pytest.raises(NotFound):
        move(clinic, number + 1, PROSPECT)
    with clinic.database.reading() as session, pytest.raises(NotFound):
        pipeline.find_steps(session, number + 1)


@pytest.mark.parametrize("expected", [None, LEAD])
def test_twenty_at_once_end_in_one_truth(clinic: Clinic, expected: LeadStage | None) -> None:
    number = add_lead(clinic)
    said: list[str] = []

    def mover(to: LeadStage):
        def work() -> None:
            try:
                move(clinic, number, to, expected=expected, reason="No answer")
            except Refused as error:
                said.append(str(error))

        return work

    at_once(*[mover([PROSPECT, QUALIFIED, LOST, LEAD][turn % 4]) for turn in range(20)])
    assert_one_chain(clinic, number)
    assert all("in the meantime" in one for one in said)
    if expected is None:
        assert said == []
        assert len(changes(clinic, number)) >= 3


MOVES = st.lists(
    st.tuples(
        st.sampled_from(LeadStage),
        st.one_of(st.none(), st.sampled_from(LeadStage)),
        st.sampled_from(["", " ", "No answer"]),
        st.booleans(),
    ),
    max_size=8,
)


@pytest.mark.property
def test_whatever_is_tried_the_history_is_one_chain(clinic: Clinic) -> None:
    @given(st.sampled_from(LeadStage), MOVES)
    def check(begun_in: LeadStage, moves: list) -> None:
        with clinic.database.transaction() as session:
            session.execute(sa.delete(LeadStageChange))
            session.execute(sa.delete(Lead))
        number = add_lead(clinic, stage=begun_in)
        stage = begun_in
        for to, expected, reason, viewer in moves:
            allowed = (
                not viewer
                and stage is not CONVERTED
                and to is not CONVERTED
                and expected in {None, stage}
                and (to is not LOST or bool(reason.strip()))
            )
            try:
                move(clinic, number, to, by=clinic.vic if viewer else None, expected=expected, reason=reason)
            except GenkoError:
                assert viewer or (not allowed and to is not stage)
            else:
                assert not viewer
                assert allowed or to is stage
                stage = to
            assert lead(clinic, number).stage is stage
            assert bool(lead(clinic, number).lost_reason) <= (stage is LOST)
        assert_one_chain(clinic, number, begun_in)

    check()
