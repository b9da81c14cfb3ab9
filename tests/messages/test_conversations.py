"""What staff set in a conversation, and that the audit says who did."""

import pytest
import sqlalchemy as sa

from genko import clock
from genko.access.models import AuditEntry, StaffMember
from genko.errors import Refused
from genko.leads.models import Lead
from genko.messages import assignees, clinic_country, conversations, inbox, roll_up, saved_replies, unread
from genko.messages.inbox import InboxFilter, Order
from genko.messages.models import Conversation, ConversationSeen, ConversationStatus, Identity, Priority
from tests.factories import Clinic
from tests.steps import everything


def test_changes_of_a_conversation_are_audited(clinic: Clinic) -> None:
    number = clinic.conversation_with()
    with clinic.database.transaction() as session:
        conversations.set_priority(session, number, Priority.HIGH, by=clinic.maria)
        conversations.set_ai(session, number, False, by=clinic.maria)
        assignees.assign(session, number, clinic.ada, by=clinic.maria)
        saved_replies.save(session, "Hours", "Nine to five", by=clinic.ada)
    acted = {(one.action, one.detail) for one in everything(clinic.database, AuditEntry)}
    assert acted >= {
        ("priority:high", ""),
        ("ai:off", ""),
        ("assign", f"staff {clinic.ada}"),
        ("reply:save", ""),
    }


def test_a_conversation_cannot_be_given_to_somebody_who_cannot_answer(clinic: Clinic) -> None:
    number = clinic.conversation_with()
    with clinic.database.transaction() as session:
        gone = session.get_one(StaffMember, clinic.ada)
        gone.active = False
        for assignee, name in ((clinic.vic, "Vic"), (clinic.ada, "Ada")):
            with pytest.raises(Refused, match=f"{name} cannot answer conversations"):
                assignees.assign(session, number, assignee, by=clinic.maria)


def test_phone_numbers_follow_a_change_of_the_clinic_s_country(clinic: Clinic) -> None:
    german, spanish, named = (
        clinic.conversation_with(phone=phone)
        for phone in ("+4915123456789", "+34612345678", "+4915123456780")
    )
    with clinic.database.transaction() as session:
        identity = session.get_one(Identity, session.get_one(Conversation, named).identity_id)
        session.get_one(Lead, identity.lead_id).first_name = "Ana"
        roll_up.rename(session, [identity])
        clinic_country.change_clinic(
            session, by=clinic.ada, name="Sol", time_zone="Europe/Madrid", region="ES"
        )
    shown = {one.id: one.name for one in everything(clinic.database, Conversation)}
    assert shown == {german: "+49 1512 3456789", spanish: "612 34 56 78", named: "Ana"}
    with clinic.database.reading() as session:
        found = inbox.find_page(
            session, InboxFilter(search="612 34 56"), by=clinic.maria, at=clock.now(), rows=9
        )
    assert [one.id for one in found.rows] == [spanish]


def test_mark_as_unread_concerns_the_newest_message_and_one_staff_member(clinic: Clinic) -> None:
    def shown_as_unread(by: int) -> int:
        with clinic.database.reading() as session:
            [row] = inbox.find_page(session, InboxFilter(), by=by, at=clock.now()).rows
        return row.unread

    clinic.conversation_with("One")
    number = clinic.conversation_with("Two")
    with clinic.database.transaction() as session:
        for by in (clinic.maria, clinic.ada):
            unread.see(session, number, 2, by=by)
        unread.mark_unread(session, number, by=clinic.maria)
        unread.mark_unread(session, number, by=clinic.maria)
    assert (shown_as_unread(clinic.maria), shown_as_unread(clinic.ada)) == (1, 0)


def test_a_conversation_without_patient_messages_cannot_be_marked_as_unread(clinic: Clinic) -> None:
    number = clinic.conversation_with()
    with clinic.database.transaction() as session:
        session.get_one(Conversation, number).inbound_count = 0
    with clinic.database.transaction() as session, pytest.raises(Refused, match="Nothing has come in"):
        unread.mark_unread(session, number, by=clinic.maria)


def test_a_conversation_that_is_answered_while_the_list_is_read_is_listed_once(clinic: Clinic) -> None:
    number = clinic.conversation_with()

    first = iter([True])

    def answer_after_the_first_statement(*_: object) -> None:
        if next(first, False):
            with clinic.database.transaction() as other:
                conversations.set_status(other, number, ConversationStatus.PENDING, by=clinic.maria)

    with clinic.database.reading() as session:
        sa.event.listen(session.connection(), "after_cursor_execute", answer_after_the_first_statement)
        page = inbox.find_page(session, InboxFilter(order=Order.WAITING), by=clinic.maria, at=clock.now())
    assert [(row.id, row.waiting_since is None) for row in page.rows] == [(number, False)]
    with clinic.database.reading() as session:
        page = inbox.find_page(session, InboxFilter(order=Order.WAITING), by=clinic.maria, at=clock.now())
    assert [(row.id, row.waiting_since is None) for row in page.rows] == [(number, True)]


def test_a_message_that_was_read_stays_read_when_an_older_screen_reports_less(clinic: Clinic) -> None:
    conversation_id = clinic.conversation_with("One")
    clinic.conversation_with("Two")
    for inbound_seen in (2, 1):
        with clinic.database.transaction() as session:
            unread.see(session, conversation_id, inbound_seen, by=clinic.maria)
    assert [seen.inbound_seen for seen in everything(clinic.database, ConversationSeen)] == [2]
