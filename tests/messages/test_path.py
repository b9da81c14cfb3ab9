"""WhatsApp in, WhatsApp out, without a screen: the thin path through all layers."""

from genko import clock, phone
from genko.channels.base import Delivery
from genko.messages import inbox, outbox, thread
from genko.messages.delivery import deliver
from genko.messages.inbox import InboxFilter
from genko.messages.receipts import follow
from tests.factories import Clinic


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
