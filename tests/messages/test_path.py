"""WhatsApp in, WhatsApp out, without a screen: the thin path through all layers."""

from datetime import timedelta

import sqlalchemy as sa

from genko import clock, phone
from genko.access.models import StaffMember
from genko.channels.base import Delivery
from genko.channels.models import ChannelAccount
from genko.messages import conversation_head, inbox, open_conversation, outbox, thread
from genko.messages.delivery import deliver
from genko.messages.follow_receipts import follow
from genko.messages.inbox import InboxFilter
from genko.messages.models import Message
from tests.factories import Clinic
from tests.steps import event, receive


def test_a_patient_writes_and_staff_answer(clinic: Clinic) -> None:
    conversation = clinic.conversation_with("Can I move my appointment?")
    with clinic.database.transaction() as session:
        message = outbox.queue(session, conversation, "Of course!", by=clinic.maria, token="t1")
    assert deliver(clinic.database, clinic.connector, clinic.due(), "w1") == 1
    clinic.sandbox.patient_reads()
    follow(clinic.database, clinic.connector, clinic.due(), sweep=False)

    with clinic.database.reading() as session:
        page = inbox.find_page(session, InboxFilter(), by=clinic.maria, at=clock.now())
        shown = thread.get_thread(session, conversation)
    assert [(row.name, row.preview, row.message_count, row.unread) for row in page.rows] == [
        (phone.shown("+491510000001", "DE"), "Of course!", 2, 1)
    ]
    assert [(one.body, one.delivery) for one in shown.messages] == [
        ("Can I move my appointment?", None),
        ("Of course!", Delivery.READ),
    ]
    assert clinic.sandbox.creates("Of course!") == 1
    assert message.client_token == "t1"


def test_somebody_new_has_to_read_what_came_since_they_joined(clinic: Clinic) -> None:
    ago = clock.now() - timedelta(hours=2)
    receive(clinic, *(event(f"old-{number}", at=ago) for number in range(5)))
    with clinic.database.transaction() as session:
        session.execute(sa.update(Message).values(arrived_at=ago))
        session.get_one(ChannelAccount, clinic.account_id).created_at = ago - timedelta(days=1)
        session.get_one(StaffMember, clinic.maria).created_at = ago + timedelta(hours=1)
    assert unread(clinic) == 0
    receive(clinic, event("new", at=clock.now()))
    assert unread(clinic) == 1
    receive(clinic, event("history", at=ago), live=False)
    assert unread(clinic) == 1
    with clinic.database.transaction() as session:
        assert open_conversation.open_conversation(session, clinic.conversation_id(), by=clinic.maria) == 1
    assert unread(clinic) == 0


def unread(clinic: Clinic) -> int:
    with clinic.database.reading() as session:
        [row] = inbox.find_page(session, InboxFilter(), by=clinic.maria, at=clock.now()).rows
        head = conversation_head.get_head(session, row.id, by=clinic.maria, at=clock.now(), region="DE")
    assert head.unread == row.unread
    return row.unread
