"""The real worker process: in, out, two at once, and a clean end."""

import signal
import time

import pytest
import sqlalchemy as sa

from genko.channels import test_connection
from genko.channels.base import Delivery
from genko.messages.models import Conversation, Identity, Message
from genko.worker_leases import Heartbeat, Lease, pulse
from tests.factories import Clinic
from tests.steps import assert_consistent, bodies, everything, queue
from tests.workers import SENDING, Workers, eventually

pytestmark = pytest.mark.slow


def delivered(clinic: Clinic) -> list[Message]:
    return [
        one
        for one in everything(clinic.database, Message)
        if one.delivery in {Delivery.DELIVERED, Delivery.READ}
    ]


def test_a_worker_takes_messages_in_and_out_beats_and_ends_cleanly(clinic: Clinic, staffed: Workers) -> None:
    worker = staffed.start()
    clinic.sandbox.patient_writes("Can I come today?")
    eventually(lambda: everything(clinic.database, Message), "the message")
    [opened] = everything(clinic.database, Conversation)
    queue(clinic, opened.id, "At nine")
    eventually(lambda: delivered(clinic), "the reply")
    assert clinic.sandbox.creates("At nine") == 1
    with clinic.database.reading() as session:
        assert pulse(session).workers == 1
    assert everything(clinic.database, Lease)

    asked = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    assert time.monotonic() - asked < 10
    assert everything(clinic.database, Lease) == everything(clinic.database, Heartbeat) == []
    log = staffed.log.read_text()
    assert not any(
        word in log for word in ("Traceback", "ERROR", "come today", "At nine", "1510000001", "token-of")
    )
    assert_consistent(clinic.database)


def test_two_workers_on_one_database_lose_nothing_and_do_nothing_twice(
    clinic: Clinic, staffed: Workers
) -> None:
    people = [f"+49151000000{number:02}" for number in range(10)]
    for person in people:
        clinic.sandbox.patient_writes("First", phone=person)
    clinic.fetch(sweep=True)
    for turn in range(3):
        for person in people:
            queue(clinic, clinic.conversation_id(person), f"Reply {turn} to {person}")
    for turn in range(5):
        for person in people:
            clinic.sandbox.patient_writes(f"Message {turn}", phone=person)
    staffed.start_quick()
    staffed.start_quick()
    eventually(
        lambda: len(delivered(clinic)) == 30 and len(everything(clinic.database, Message)) == 90, "all of it"
    )
    assert [one["count"] for one in clinic.sandbox.counters()["creates"]] == [1] * 30
    for person in people:
        sent = [one["body"] for one in clinic.sandbox.messages() if one["to"] == f"whatsapp:{person}"]
        assert sent == [f"Reply {turn} to {person}" for turn in range(3)]
    eventually(lambda: _workers(clinic) == 2, "both heartbeats")
    assert "ERROR" not in staffed.log.read_text()
    assert_consistent(clinic.database)


def _workers(clinic: Clinic) -> int:
    with clinic.database.reading() as session:
        return pulse(session).workers


def test_a_worker_killed_at_any_point_of_taking_in_loses_nothing(clinic: Clinic, staffed: Workers) -> None:
    points = ["ingest before commit", "ingest after commit", "before the cursor moves"]
    for number, point in enumerate(points):
        clinic.sandbox.patient_writes(point, phone=f"+491510000001{number}")
        clinic.sandbox.patient_writes(f"{point}, again", phone=f"+491510000001{number}")
        staffed.dies(point)
    staffed.start_quick()
    wanted = sorted([*points, *(f"{point}, again" for point in points)])
    eventually(lambda: sorted(bodies(everything(clinic.database, Message))) == wanted, "all of it")
    eventually(lambda: _swept(clinic), "the sweep")
    assert sorted(bodies(everything(clinic.database, Message))) == wanted
    assert len(everything(clinic.database, Identity)) == 3
    assert_consistent(clinic.database)


def _swept(clinic: Clinic) -> bool:
    return clinic.due().fetched_until > max(one.arrived_at for one in everything(clinic.database, Message))


def test_a_worker_killed_at_any_point_of_sending_sends_nothing_twice(
    clinic: Clinic, staffed: Workers
) -> None:
    """Before the call: sent once. From the call on: found at the provider, or put to staff; never a second call."""
    replies = {}
    for number, point in enumerate(SENDING):
        replies[point] = queue(clinic, clinic.conversation_with(phone=f"+491510000001{number}"), point)
        staffed.dies_while_sending(point)
    staffed.start_quick()

    def settled() -> bool:
        with clinic.database.reading() as session:
            states = session.execute(
                sa.select(Message.delivery, Message.next_attempt_at).where(Message.id.in_(replies.values()))
            ).all()
        return all(
            state in {Delivery.DELIVERED, Delivery.READ}
            or (state is Delivery.UNCONFIRMED and next_at is None)
            for state, next_at in states
        )

    eventually(settled, "an end of every message")
    with clinic.database.reading() as session:
        ends = {point: session.get_one(Message, number).delivery for point, number in replies.items()}
    assert ends == dict.fromkeys(SENDING, Delivery.DELIVERED) | {
        "after the claim, before the call": Delivery.UNCONFIRMED
    }
    assert {point: clinic.sandbox.creates(point) for point in SENDING} == dict.fromkeys(SENDING, 1) | {
        "after the claim, before the call": 0
    }
    recipients = {
        one["body"]: one["to"] for one in clinic.sandbox.messages() if one["direction"] == "outbound-api"
    }
    assert all(recipients[point] == f"whatsapp:+491510000001{SENDING.index(point)}" for point in recipients)
    assert_consistent(clinic.database)


def test_an_account_that_the_provider_accepts_later_is_verified_by_itself_and_loses_nothing(
    clinic: Clinic, staffed: Workers
) -> None:
    values = {"account_sid": "AC" + "d" * 32, "auth_token": "later", "sender": "+4930777888"}
    to = clinic.database, clinic.connector, "whatsapp", values
    assert test_connection.connect(*to, by=clinic.ada, label="", deadline=None, colour="#0f766e")
    clinic.sandbox.add_account(values["account_sid"], values["auth_token"], values["sender"])
    clinic.sandbox.patient_writes("First", account=values["account_sid"])
    test_connection.test(*to, by=clinic.ada)
    staffed.start()
    eventually(lambda: everything(clinic.database, Message), "the message")
