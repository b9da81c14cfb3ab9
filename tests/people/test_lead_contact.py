"""Since when nobody of ours was in touch with a lead, and how long people waited."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from genko import clock
from genko.channels.base import Delivery
from genko.channels.events import Receipt
from genko.errors import NotFound
from genko.leads.models import Lead
from genko.messages import delivery_state, receipts, touches
from genko.messages.models import Answer, Conversation, Message, Touch, TouchKind
from genko.messages.touches import Whose
from genko.people import conversion, link_conversation
from tests.factories import Clinic
from tests.people.records import lead
from tests.steps import T0, Travel, at_once, conversation, deliver, event, everything, queue, receive

SENDER = "whatsapp:+4930901820"


def since(clinic: Clinic) -> object:
    return everything(clinic.database, Lead)[0].uncontacted_since


def answers(clinic: Clinic) -> list[tuple]:
    return [(one.asked_at, one.answered_at, one.staff_id) for one in everything(clinic.database, Answer)]


def test_a_reply_is_a_contact_and_ends_the_wait(clinic: Clinic, travel: Travel) -> None:
    travel.stop(T0 + timedelta(minutes=1))
    receive(clinic, event("1", person=SENDER, at=T0))
    receive(clinic, event("2", person=SENDER, at=T0 + timedelta(seconds=30)))
    assert since(clinic) == T0
    chat = clinic.conversation_id("+4930901820")
    travel.forward(minutes=9)
    queue(clinic, chat)
    ten_later = T0 + timedelta(minutes=10)
    assert (since(clinic), answers(clinic)) == (ten_later, [(T0, ten_later, clinic.maria)])
    travel.forward(minutes=1)
    queue(clinic, chat, "One more thing")
    assert answers(clinic) == [(T0, ten_later, clinic.maria)]
    assert since(clinic) == ten_later + timedelta(minutes=1)


def test_two_replies_at_once_end_one_wait(clinic: Clinic) -> None:
    receive(clinic, event("1", person=SENDER, at=clock.now()))
    chat = clinic.conversation_id("+4930901820")
    at_once(*[lambda word=word: queue(clinic, chat, word) for word in "abcd"])
    assert len(answers(clinic)) == 1


def test_a_failed_reply_leaves_the_patient_waiting(clinic: Clinic, travel: Travel) -> None:
    chat = clinic.conversation_with("Hello", phone="+4930901820")
    waiting = conversation(clinic, chat).waiting_since
    queue(clinic, chat)
    assert len(answers(clinic)) == 1
    travel.forward(hours=24)  # the window closes between click and sending
    deliver(clinic)
    assert conversation(clinic, chat).waiting_since == waiting
    assert answers(clinic) == []


def test_a_reply_from_another_tool_is_a_contact_and_an_answer_without_a_staff_member(clinic: Clinic) -> None:
    receive(clinic, event("1", person=SENDER, at=T0))
    later = T0 + timedelta(minutes=5)
    reply = event("2", person=SENDER, at=later, outbound=True, delivery=Delivery.SENT)
    receive(clinic, reply)
    receive(clinic, reply)
    assert (since(clinic), answers(clinic)) == (later, [(T0, later, None)])
    assert conversation(clinic, clinic.conversation_id("+4930901820")).waiting_since is None
    old = event("0", person=SENDER, at=T0 + timedelta(minutes=1), outbound=True, delivery=Delivery.SENT)
    receive(clinic, old)
    assert (since(clinic), len(answers(clinic))) == (later, 1)


def test_history_sets_the_time_of_contact_but_no_waiting_time(clinic: Clinic) -> None:
    later = T0 + timedelta(minutes=5)
    receive(
        clinic,
        event("1", person=SENDER, at=T0),
        event("2", person=SENDER, at=later, outbound=True, delivery=Delivery.SENT),
        live=False,
    )
    assert (since(clinic), answers(clinic)) == (later, [])


def test_an_older_reply_does_not_end_a_wait_that_began_after_it(clinic: Clinic) -> None:
    receive(clinic, event("2", person=SENDER, at=T0))
    before = T0 - timedelta(minutes=5)
    receive(clinic, event("1", person=SENDER, at=before, outbound=True, delivery=Delivery.SENT))
    assert answers(clinic) == []
    with clinic.database.reading() as session:
        assert session.scalar(sa.select(Conversation.waiting_since)) == T0


def test_a_touch_is_a_contact_and_never_moves_the_time_of_contact_back(
    clinic: Clinic, travel: Travel
) -> None:
    travel.stop(T0)
    number = lead(clinic)
    travel.forward(days=2)
    for at, expected in (
        (T0 + timedelta(days=1), 1),
        (T0 + timedelta(hours=3), 1),
        (T0 + timedelta(days=2), 2),
    ):
        with clinic.database.transaction() as session:
            touches.log_for(session, Whose(lead_id=number), TouchKind.CALL, at, "", by=clinic.maria)
        assert since(clinic) == T0 + timedelta(days=expected)
    assert everything(clinic.database, Lead)[0].changed_at == T0 + timedelta(days=2)


def test_an_older_message_of_a_lead_is_no_contact_by_us(clinic: Clinic) -> None:
    receive(clinic, event("2", person=SENDER, at=T0))
    receive(clinic, event("1", person=SENDER, at=T0 - timedelta(days=2)))
    [one] = everything(clinic.database, Lead)
    assert (one.contacted_at, one.uncontacted_since) == (None, T0 - timedelta(days=2))


def test_a_touch_of_a_lead_that_was_just_converted_belongs_to_the_patient(clinic: Clinic) -> None:
    number = lead(clinic, phone="+4930901820")
    with clinic.database.transaction() as session:
        made = conversion.convert(session, number, by=clinic.maria)
    with clinic.database.transaction() as session:
        touches.log_for(session, Whose(lead_id=number), TouchKind.CALL, T0, "", by=clinic.maria)
    [noted] = everything(clinic.database, Touch)
    assert (noted.patient_id, noted.lead_id) == (made.patient_id, None)
    with clinic.database.reading() as session:
        assert [one.id for one in touches.find_touches_of_lead(session, number)] == [noted.id]
        with pytest.raises(NotFound, match="This lead does not exist any more"):
            touches.find_touches_of_lead(session, number + 1)


def test_a_failed_message_is_no_contact_unless_it_arrives_after_all(clinic: Clinic, travel: Travel) -> None:
    travel.stop(T0 + timedelta(minutes=1))
    receive(clinic, event("1", person=SENDER, at=T0))
    chat = clinic.conversation_id("+4930901820")
    first = queue(clinic, chat, "first")
    travel.forward(minutes=1)
    second = queue(clinic, chat, "second")
    with clinic.database.transaction() as session:
        delivery_state.fail(session, session.get_one(Message, second), "63003", "It failed.")
    assert since(clinic) == T0 + timedelta(minutes=1)
    with clinic.database.transaction() as session:
        delivery_state.fail(session, session.get_one(Message, first), "63003", "It failed.")
    assert everything(clinic.database, Lead)[0].contacted_at is None
    with clinic.database.transaction() as session:
        delivery_state.advance(session, session.get_one(Message, second), Receipt("SM2", Delivery.DELIVERED))
    assert since(clinic) == T0 + timedelta(minutes=2)


def test_earlier_messages_and_touches_count_for_the_lead_that_a_conversation_is_linked_to(
    clinic: Clinic, travel: Travel
) -> None:
    travel.stop(T0)
    known = lead(clinic, created_at=T0 - timedelta(days=3))
    receive(clinic, event("1", person=SENDER, at=T0))
    chat = clinic.conversation_id("+4930901820")
    travel.forward(minutes=1)
    queue(clinic, chat)
    travel.forward(minutes=1)
    with clinic.database.transaction() as session:
        touches.log(session, chat, TouchKind.CALL, clock.now(), "", by=clinic.maria)
        link_conversation.link_to_lead(session, chat, known, by=clinic.maria)
    assert since(clinic) == T0 + timedelta(minutes=2)


def test_a_failed_reply_from_another_tool_is_no_contact(clinic: Clinic) -> None:
    receive(clinic, event("1", person=SENDER, at=T0))
    receive(
        clinic, event("2", person=SENDER, at=T0 + timedelta(hours=1), outbound=True, delivery=Delivery.SENT)
    )
    assert since(clinic) == T0 + timedelta(hours=1)
    with clinic.database.transaction() as session:
        failed = Receipt("2", Delivery.FAILED, error_code="63016")
        receipts.apply_receipts(session, clinic.account_id, [failed])
    assert since(clinic) == T0
