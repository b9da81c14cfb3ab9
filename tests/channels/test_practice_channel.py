"""A clinic on a channel that differs from WhatsApp in everything, from Settings to the reply, without a change outside
the channel's own file and the registry.
"""

import random
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from genko import clock
from genko.channels import accounts, registry, test_connection
from genko.channels.accounts import Account, Due
from genko.channels.base import ChannelError, Delivery, Trouble
from genko.channels.models import Health
from genko.errors import Refused
from genko.leads.models import Lead, LeadSource
from genko.messages import (
    claims,
    conversation_head,
    delivery,
    files,
    inbox,
    new_conversation,
    opt_out,
    outbox,
    receipts,
    thread,
    unconfirmed,
    unsendable,
)
from genko.messages.inbox import ConversationRow, InboxFilter
from genko.messages.models import Conversation, Identity, Message, MessageFile, Priority
from genko.messages.needs_attention import Need
from genko.messages.new_conversation import Contact
from genko.messages.take_in import take_in
from genko.messages.thread import ThreadMessage
from genko.people.attention import find_attention
from tests.channels import practice
from tests.channels.practice import PROVIDER, SECRET, SHOP, Practice, Provider, says
from tests.factories import Clinic, add_patient
from tests.steps import Travel, assert_consistent, dump, everything, refused, wipe

NINE, ONE_PAST_NINE = "2026-03-02T09:00:00+00:00", "2026-03-02T09:01:00+00:00"


@pytest.fixture
def clinic(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """Also has an account on the practice channel, connected as Settings does it."""
    monkeypatch.setitem(registry.CHANNELS, Practice.key, Practice)
    vars(PROVIDER).update(vars(Provider()))
    connect(clinic, secret=SECRET)
    return clinic


def connect(clinic: Clinic, *, secret: str) -> ChannelError | None:
    return test_connection.connect(
        clinic.database,
        clinic.connector,
        Practice.key,
        {"shop": SHOP, "secret": secret},
        by=clinic.ada,
        label="",
        deadline=None,
        colour="#123456",
    )


def account(clinic: Clinic) -> Account:
    with clinic.database.reading() as session:
        return next(one for one in accounts.find_accounts(session) if one.channel == Practice.key)


def due(clinic: Clinic) -> Due:
    return next(due for due in clinic.all_due() if due.channel == Practice.key)


def calls(clinic: Clinic, *records: dict[str, Any]) -> None:
    """The provider calls us, as a webhook would hand it on."""
    for address, events in Practice.parse_webhook(practice.call(*records)).items():
        assert address == account(clinic).external_id
        take_in(clinic.database, account(clinic).id, events)


def now(**ago: float) -> str:
    return (clock.now() - timedelta(**ago)).isoformat()


def rows(clinic: Clinic, **wanted: Any) -> list[ConversationRow]:
    with clinic.database.reading() as session:
        return inbox.find_page(session, InboxFilter(**wanted), by=clinic.maria, at=clock.now()).rows


def opened(clinic: Clinic) -> int:
    [row] = everything(clinic.database, Conversation)
    return int(row.id)


def shown(clinic: Clinic) -> list[ThreadMessage]:
    with clinic.database.reading() as session:
        return thread.get_thread(session, opened(clinic)).messages


def replies(clinic: Clinic, body: str, token: str = "t1") -> int:
    with clinic.database.transaction() as session:
        return outbox.queue(session, opened(clinic), body, by=clinic.maria, token=token).id


def deliver(clinic: Clinic) -> int:
    return delivery.deliver(clinic.database, clinic.connector, due(clinic), "w1")


def test_settings_connects_an_account_and_says_what_is_wrong(clinic: Clinic) -> None:
    connected = account(clinic)
    assert (connected.channel_label, connected.health) == ("Practice chat", Health.OK)
    assert connected.label == "Practice chat clinica-sol"
    with pytest.raises(ChannelError) as caught:
        connect(clinic, secret="wrong")
    assert caught.value.field == "secret"
    assert registry.labels() == "WhatsApp or Practice chat"


def test_a_guest_writes_becomes_a_lead_and_is_answered(clinic: Clinic) -> None:
    calls(clinic, says("m1", "Do you whiten teeth?", now()))
    [row] = rows(clinic)
    assert (row.name, row.preview, row.channel_label) == ("Ana Díaz", "Do you whiten teeth?", "Practice chat")
    [lead] = everything(clinic.database, Lead)
    assert (lead.first_name, lead.phone, lead.source) == ("Ana Díaz", None, LeadSource.WEBSITE)
    replies(clinic, "We do!")
    assert deliver(clinic) == 1
    [sent] = PROVIDER.sent.values()
    assert (sent.to, sent.text, sent.idempotency_key) == ("guest/7", "We do!", "t1")
    calls(clinic, {"kind": "seen", "person": "guest/7", "at": now()})
    assert [(one.body, one.delivery) for one in shown(clinic)] == [
        ("Do you whiten teeth?", None),
        ("We do!", Delivery.READ),
    ]
    assert_consistent(clinic.database)


def test_without_a_reply_window_nothing_closes_and_nothing_fails_of_age(
    clinic: Clinic, travel: Travel
) -> None:
    calls(clinic, says("m1", "Hello", now()))
    replies(clinic, "Good morning")
    travel.forward(days=300)
    with clinic.database.transaction() as session:
        assert unsendable.fail_overdue(session) == 0
        head = conversation_head.get_head(
            session, opened(clinic), by=clinic.maria, at=clock.now(), region="DE"
        )
        attention = find_attention(session, at=clock.now())
    assert (head.window_closes_at, head.blocked, attention.closes) == (None, None, 0)
    assert rows(clinic, need=Need.CLOSING) == []
    assert deliver(clinic) == 1


def test_a_limit_in_bytes_is_said_in_bytes(clinic: Clinic) -> None:
    calls(clinic, says("m1", "Hello", now()))
    sentence = refused(partial(replies, clinic, "🙂" * 11), Refused)
    assert sentence == "The text has 44 bytes; Practice chat takes 40. Split it into two messages."


@pytest.mark.parametrize("echoed", ["Good morning", "Good morning!"], ids=["same words", "changed words"])
def test_an_echo_before_the_answer_to_the_sending_call_is_no_second_message(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, echoed: str
) -> None:
    calls(clinic, says("m1", "Hello", now()))
    really_take = Provider.take

    def take(provider: Provider, outgoing: Any) -> str:
        message_id = really_take(provider, outgoing)
        calls(clinic, says(message_id, echoed, now(), echo=True))
        calls(clinic, {"kind": "reaction", "id": message_id, "person": "guest/7", "emoji": "❤", "at": now()})
        return message_id

    monkeypatch.setattr(Provider, "take", take)
    reply = replies(clinic, "Good morning")
    assert deliver(clinic) == 1
    assert [(one.id, one.body, one.reactions) for one in shown(clinic)][1:] == [
        (reply, "Good morning", ("❤",))
    ]
    assert_consistent(clinic.database)


def test_the_echo_says_that_a_message_left_when_the_answer_was_lost(clinic: Clinic, travel: Travel) -> None:
    calls(clinic, says("m1", "Hello", now()))
    PROVIDER.fault = ChannelError("No answer.", Trouble.UNKNOWN)
    replies(clinic, "Good morning")
    deliver(clinic)
    assert shown(clinic)[-1].delivery is Delivery.UNCONFIRMED
    echoed_at = now()
    travel.forward(minutes=6)
    unconfirmed.confirm(clinic.database, clinic.connector, due(clinic))
    assert shown(clinic)[-1].asks_staff
    calls(clinic, says("late", "Good morning", echoed_at, echo=True))
    assert [(one.delivery, one.asks_staff) for one in shown(clinic)] == [
        (None, False),
        (Delivery.SENT, False),
    ]
    assert_consistent(clinic.database)


def test_a_reply_from_the_provider_s_own_app_ends_the_wait(clinic: Clinic) -> None:
    calls(clinic, says("m1", "Hello", now(minutes=2)))
    calls(clinic, says("m2", "Answered in the app", now(minutes=1), echo=True))
    [row] = everything(clinic.database, Conversation)
    assert (row.message_count, row.waiting_since) == (2, None)


def test_a_receipt_that_comes_before_the_answer_to_the_sending_call_is_kept(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls(clinic, says("m1", "Hello", now()))
    really_take = Provider.take

    def take(provider: Provider, outgoing: Any) -> str:
        message_id = really_take(provider, outgoing)
        calls(clinic, {"kind": "receipt", "id": message_id, "delivery": "delivered", "at": now()})
        return message_id

    monkeypatch.setattr(Provider, "take", take)
    replies(clinic, "Good morning")
    deliver(clinic)
    calls(clinic, says("m2", "Thanks", now()))
    assert shown(clinic)[1].delivery is Delivery.DELIVERED


def test_a_refusal_of_later_is_explained_in_the_channel_s_words(clinic: Clinic) -> None:
    calls(clinic, says("m1", "Hello", now()))
    replies(clinic, "Good morning")
    deliver(clinic)
    [message_id] = PROVIDER.sent
    calls(clinic, {"kind": "receipt", "id": message_id, "delivery": "failed", "at": now(), "code": "blocked"})
    assert shown(clinic)[-1].problem == "This person has blocked messages from us. Call instead."
    [identity] = everything(clinic.database, Identity)
    assert opt_out.is_opted_out(identity)


def test_a_file_comes_in(clinic: Clinic) -> None:
    PROVIDER.files["f1"] = b"%PDF-1.4 a letter"
    calls(clinic, says("m1", "", now(), files=["f1"]))
    assert files.fetch_files(clinic.database, clinic.connector, due(clinic)) == 1
    [file] = everything(clinic.database, MessageFile)
    assert (file.state, file.content_type) == ("stored", "application/pdf")


def test_nobody_can_be_written_to_first_and_staff_read_why(clinic: Clinic) -> None:
    with clinic.database.transaction() as session:
        patient = add_patient(
            session, by=clinic.maria, region="DE", first_name="Ben", phone_number="0151 12345678"
        )
    sentence = refused(partial(begin, clinic, Contact(patient_id=patient)), Refused)
    assert sentence.endswith("On Practice chat people write to us first.")
    calls(clinic, says("m1", "Hello", now()))
    [lead] = everything(clinic.database, Lead)
    assert begin(clinic, Contact(lead_id=lead.id)) == opened(clinic)


def begin(clinic: Clinic, contact: Contact) -> int:
    with clinic.database.transaction() as session:
        return new_conversation.start(
            session,
            account(clinic).id,
            contact,
            by=clinic.maria,
            priority=Priority.HIGH,
            ai_enabled=False,
        )


def test_any_order_and_repetition_of_calls_gives_the_same_database(clinic: Clinic) -> None:
    with clinic.database.transaction() as session:
        accounts.connected(session, account(clinic).id).created_at = clock.now() - timedelta(days=900)
    records: list[Mapping[str, Any]] = [
        says("m1", "My left knee", NINE),
        {"kind": "edit", "id": "m1", "text": "My right knee", "at": ONE_PAST_NINE},
        {"kind": "reaction", "id": "m1", "person": "guest/7", "emoji": "❤", "at": ONE_PAST_NINE},
        says("m2", "Hello from the app", ONE_PAST_NINE, echo=True),
        {"kind": "receipt", "id": "m2", "delivery": "delivered", "at": ONE_PAST_NINE},
        {"kind": "seen", "person": "guest/7", "at": "2026-03-02T09:02:00+00:00"},
        says("m3", "I regret this", "2026-03-02T09:03:00+00:00"),
        {"kind": "unsend", "id": "m3", "at": "2026-03-02T09:04:00+00:00"},
        {"kind": "unsend", "id": "never", "at": ONE_PAST_NINE},
        {"kind": "sticker", "id": "m4"},
    ]
    calls(clinic, *map(dict, records))
    expected = dump(clinic.database)
    order = random.Random(15)
    for _ in range(10):
        wipe(clinic.database)
        jumbled = records + order.choices(records, k=5)
        order.shuffle(jumbled)
        for record in jumbled:
            calls(clinic, dict(record))
        assert dump(clinic.database) == expected
        assert_consistent(clinic.database)


def test_a_message_that_the_worker_left_behind_is_not_sent_twice(clinic: Clinic, travel: Travel) -> None:
    calls(clinic, says("m1", "Hello", now()))
    reply = replies(clinic, "Good morning")
    with clinic.database.transaction() as session:
        claim = claims.claim(session, reply, "dead")
    assert claim
    sent = clinic.connector.channel(due(clinic)).send(claim.outgoing)
    calls(clinic, says(sent.provider_id, "Good morning", now(), echo=True))
    travel.forward(minutes=2)
    with clinic.database.transaction() as session:
        claims.sweep_claims(session)
    assert deliver(clinic) == 0
    [message] = [one for one in everything(clinic.database, Message) if one.staff_id]
    assert (message.delivery, message.provider_id) == (Delivery.SENT, sent.provider_id)
    with clinic.database.transaction() as session:
        receipts.apply_receipts(session, account(clinic).id, [])
