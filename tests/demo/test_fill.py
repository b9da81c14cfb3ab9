"""The demo's week: the same on both sides, and as if the product had lived through it."""

import pytest
import sqlalchemy as sa

from genko import clock
from genko.access.models import StaffMember
from genko.channels import accounts
from genko.channels.accounts import Connector
from genko.channels.base import Author, Delivery
from genko.db import Database
from genko.demo import stories
from genko.demo.fill import fill
from genko.errors import Refused
from genko.leads import pipeline, table
from genko.leads.filters import LeadFilter
from genko.leads.models import LeadStage
from genko.leads.table import LeadSort
from genko.messages import conversation_head, inbox, opt_out, roll_up, unprocessed
from genko.messages.conversation_head import ConversationHead
from genko.messages.delivery import deliver
from genko.messages.fetch import fetch
from genko.messages.files import fetch_files
from genko.messages.follow_receipts import follow
from genko.messages.inbox import ConversationRow, InboxFilter, Order, Tab
from genko.messages.models import (
    Conversation,
    ConversationStatus,
    ConversationTally,
    FileState,
    Identity,
    Message,
    MessageFile,
)
from genko.messages.unconfirmed import confirm
from tests.sandbox_client import Sandbox

EMAIL, PASSWORD = "ada@clinica-sol.example", "a good long password"


@pytest.mark.slow
def test_the_week_is_told_once_and_holds_together(
    database: Database, connector: Connector, sandbox: Sandbox
) -> None:
    """One after the other on one week, which takes seconds to tell."""
    fill(database, connector, sandbox.base_url, email=EMAIL, password=PASSWORD)
    with pytest.raises(Refused):
        fill(database, connector, sandbox.base_url, email=EMAIL, password=PASSWORD)
    _staff_meet_a_whole_week(database)
    _the_board_has_leads_in_every_column_and_a_past(database)
    _both_sides_tell_the_same_messages(database, sandbox)
    _every_roll_up_equals_its_recomputation(database)
    _every_file_can_be_downloaded(database, connector)
    _the_provider_has_nothing_that_is_not_here(database, connector)


def _every_roll_up_equals_its_recomputation(filled: Database) -> None:
    with filled.transaction() as session:
        stored = _rolled_up(session)
        for conversation in session.scalars(sa.select(Conversation)).all():
            roll_up.recompute_waiting(session, conversation)
        session.flush()
        assert stored == _rolled_up(session)
        for one in session.scalars(sa.select(Conversation)):
            _check(one, _messages(session, one.id))
        assert _tallies(session) == _counted(session)


def _the_provider_has_nothing_that_is_not_here(filled: Database, connector: Connector) -> None:
    with filled.reading() as session:
        before = _rolled_up(session)
    for due in _due(filled):
        assert fetch(filled, connector, due, sweep=False) == 0
        assert fetch(filled, connector, due, sweep=True) == 0
        assert deliver(filled, connector, due, "w1") == 0
        assert confirm(filled, connector, due) == 0
        follow(filled, connector, due, sweep=False)
        follow(filled, connector, due, sweep=True)
    with filled.reading() as session:
        assert unprocessed.find_items(session) == []
        assert _rolled_up(session) == before


def _both_sides_tell_the_same_messages(filled: Database, sandbox: Sandbox) -> None:
    theirs = {one["sid"]: one for number in stories.NUMBERS for one in sandbox.messages(account=number.sid)}
    with filled.reading() as session:
        ours = {one.provider_id: one for one in session.scalars(sa.select(Message)) if one.provider_id}
    assert ours.keys() == theirs.keys()
    assert all(ours[sid].body == theirs[sid]["body"] for sid in ours)
    _the_same_person_has_opted_out(filled, sandbox)


def _staff_meet_a_whole_week(filled: Database) -> None:
    _both_tabs_are_full(filled)
    _what_staff_meet_is_there(filled)
    _the_list_and_the_head_agree(filled)
    _texts_and_names_are_found(filled)


def _both_tabs_are_full(filled: Database) -> None:
    with filled.reading() as session:
        page = inbox.find_page(session, InboxFilter(), by=_ada(session), at=clock.now())
        closed = inbox.find_page(session, InboxFilter(tab=Tab.CLOSED), by=_ada(session), at=clock.now())
        messages = session.scalars(sa.select(sa.func.count(Message.id))).one()
        people = {one.account for one in (*page.rows, *closed.rows)}
    assert (page.active, page.closed) == (len(page.rows), len(closed.rows))
    assert page.active >= 25
    assert page.closed >= 15
    assert 400 <= messages <= 600
    assert people == {"Front desk", "Dental"}


def _what_staff_meet_is_there(filled: Database) -> None:
    now = clock.now()
    with filled.reading() as session:
        by = _ada(session)
        page = inbox.find_page(session, InboxFilter(order=Order.WAITING), by=by, at=now)
        heads = [conversation_head.get_head(session, one.id, by=by, at=now, region="DE") for one in page.rows]
        failed = _asking_staff(session)
    waiting = [int((now - row.waiting_since).total_seconds() // 60) for row in page.rows if row.waiting_since]
    assert any(4 <= one <= 11 for one in waiting)
    assert max(waiting) < 30 * 60
    assert any(38 <= one <= 46 for one in waiting)
    assert any(170 <= one <= 200 for one in waiting)
    assert any(
        row.window_closes_at and (row.window_closes_at - now).total_seconds() < 3600 for row in page.rows
    )
    assert sum(row.unread > 0 for row in page.rows) >= 10
    assert any(head.window_closes_at and head.window_closes_at < now for head in heads)
    assert any(row.name.startswith("+") for row in page.rows)
    assert failed == {("failed", "63016"), ("failed", "63024"), ("unconfirmed", "")}


def _the_list_and_the_head_agree(filled: Database) -> None:
    with filled.reading() as session:
        by, now = _ada(session), clock.now()
        for row in inbox.find_page(session, InboxFilter(), by=by, at=now).rows:
            head = conversation_head.get_head(session, row.id, by=by, at=now, region="DE")
            assert _same(row) == _same(head)


def _the_same_person_has_opted_out(filled: Database, sandbox: Sandbox) -> None:
    with filled.reading() as session:
        out = [one.phone for one in session.scalars(sa.select(Identity)) if opt_out.is_opted_out(one)]
    theirs = [patient["id"] for patient in sandbox.patients(stories.NUMBERS[0].sid) if patient["opted_out"]]
    assert out == theirs == ["+491713920031"]


def _every_file_can_be_downloaded(filled: Database, connector: Connector) -> None:
    for due in _due(filled):
        while fetch_files(filled, connector, due):
            pass
    with filled.reading() as session:
        found = session.execute(sa.select(MessageFile.state, MessageFile.content_type)).all()
    assert {state for state, _ in found} == {FileState.STORED}
    assert {kind.split("/")[0] for _, kind in found} == {"image", "audio", "application"}
    assert len(found) >= 12


def _texts_and_names_are_found(filled: Database) -> None:
    for typed in ("vogel", "petrovic", "tran", "Regenschirm", "0171 3920011", "مرحبا"):
        with filled.reading() as session:
            page = inbox.find_page(session, InboxFilter(search=typed), by=_ada(session), at=clock.now())
        assert page.active + page.closed >= 1, typed


def _due(database: Database) -> list[accounts.Due]:
    with database.reading() as session:
        return accounts.find_due(session)


def _ada(session) -> int:
    return session.scalars(sa.select(StaffMember.id).where(StaffMember.email == EMAIL)).one()


def _same(one: ConversationRow | ConversationHead) -> tuple[object, ...]:
    return one.name, one.status, one.priority, one.unread, one.account


def _rolled_up(session) -> list[tuple[object, ...]]:
    columns = [one for one in Conversation.__table__.columns if one.name != "changed_at"]
    return [tuple(row) for row in session.execute(sa.select(*columns).order_by(Conversation.id))]


def _messages(session, conversation_id: int) -> list[Message]:
    chosen = sa.select(Message).where(Message.conversation_id == conversation_id)
    return list(session.scalars(chosen.order_by(Message.at, Message.id)))


def _check(one: Conversation, messages: list[Message]) -> None:
    inbound = [message for message in messages if message.author is Author.PATIENT]
    assert one.message_count == len(messages)
    assert one.inbound_count == len(inbound)
    assert one.last_inbound_at == max((message.at for message in inbound), default=None)
    assert one.failed_count == sum(_asks(message) for message in messages)
    if messages:
        assert (one.last_message_at, one.created_at) == (messages[-1].at, messages[0].at)
        assert one.preview_author is messages[-1].author
        assert one.preview.startswith(messages[-1].body[:20].split("\n")[0] or "📎")


def _asks(message: Message) -> bool:
    return message.delivery in {Delivery.FAILED, Delivery.UNCONFIRMED} and not message.settled


def _asking_staff(session) -> set[tuple[str, str]]:
    chosen = sa.select(Message).where(Message.delivery.in_([Delivery.FAILED, Delivery.UNCONFIRMED]))
    rows = session.scalars(chosen).all()
    assert all(row.problem and row.next_attempt_at is None for row in rows)
    return {(str(row.delivery), row.error_code) for row in rows}


def _tallies(session) -> dict[tuple[int, ConversationStatus], int]:
    rows = session.scalars(sa.select(ConversationTally)).all()
    return {(row.account_id, row.status): row.conversations for row in rows if row.conversations}


def _counted(session) -> dict[tuple[int, ConversationStatus], int]:
    grouped = sa.select(Conversation.account_id, Conversation.status, sa.func.count())
    rows = session.execute(grouped.group_by(Conversation.account_id, Conversation.status))
    return {(account_id, status): number for account_id, status, number in rows}


def _the_board_has_leads_in_every_column_and_a_past(filled: Database) -> None:
    now = clock.now()
    with filled.reading() as session:
        page = table.find_page(session, LeadFilter(), LeadSort.NAME, False, 1, now)
        steps = [step for row in page.rows for step in pipeline.find_steps(session, row.id)]
        row = next(row for row in page.rows if row.name == "Iker Landaburu")
    assert {one.stage for one in page.rows} == set(LeadStage)
    assert row.tags == ("referral", "urgent")
    assert all(step.at <= now for step in steps)
    assert {step.reason for step in steps if step.reason} == {"Too expensive", "No answer"}
    assert all(row.stage is LeadStage.LEAD for row in page.rows if not row.name)
