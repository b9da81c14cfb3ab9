"""The outbox and the provider: every message leaves once, or says why it did not."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.channels import accounts, registry
from genko.channels.base import ChannelError, Delivery, Trouble
from genko.channels.events import Receipt
from genko.channels.models import Health
from genko.channels.providers import whatsapp, whatsapp_transport
from genko.errors import Refused
from genko.messages import (
    claims,
    delivery,
    delivery_state,
    incoming,
    opt_out,
    receipts,
    retry_failed,
    unconfirmed,
)
from genko.messages.models import Identity, Message
from genko.sandbox import World, running
from tests.factories import Clinic, connect_account
from tests.sandbox_client import SENDER, SID, Sandbox
from tests.steps import (
    Travel,
    account,
    assert_consistent,
    at_once,
    confirm,
    conversation,
    deliver,
    event,
    everything,
    follow,
    message,
    overtaken,
    queue,
    receive,
    refused,
)

OTHER = {"sid": "AC" + "b2" * 16, "token": "token-of-the-other", "sender": "+4930901899"}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whatsapp_transport, "TIMEOUT", 1.0)


def sweep(clinic: Clinic) -> int:
    with clinic.database.transaction() as session:
        return claims.sweep_claims(session)


def sent_bodies(clinic: Clinic) -> list[str]:
    return [one["body"] for one in clinic.sandbox.messages() if one["direction"] == "outbound-api"]


def test_a_reply_is_sent_delivered_and_read(clinic: Clinic) -> None:
    clinic.sandbox.set_pace(60)
    opened = clinic.conversation_with()
    reply = queue(clinic, opened)
    assert deliver(clinic) == 1
    assert message(clinic, reply).delivery is Delivery.SENT
    clinic.sandbox.set_pace(0)
    second = queue(clinic, opened, "And bring your card")
    deliver(clinic)
    follow(clinic)
    assert message(clinic, second).delivery is Delivery.DELIVERED
    clinic.sandbox.patient_reads()
    follow(clinic, sweep=True)
    assert message(clinic, second).delivery is Delivery.READ
    assert clinic.sandbox.creates("Of course!") == 1
    assert_consistent(clinic.database)


def test_it_leaves_from_the_number_the_patient_wrote_to(clinic: Clinic) -> None:
    clinic.sandbox.add_account(**OTHER)
    with clinic.database.transaction() as session:
        connect_account(session, clinic.connector, clinic.ada, **OTHER)
    first = clinic.conversation_with("To the first")
    clinic.sandbox.patient_writes("To the second", account=OTHER["sid"])
    from genko.messages.fetch import fetch

    for due in _due_to_send(clinic):
        fetch(clinic.database, clinic.connector, due, sweep=False)
    [second] = {one.conversation_id for one in everything(clinic.database, Message)} - {first}
    queue(clinic, first, "From the first")
    queue(clinic, second, "From the second")
    for due in _due_to_send(clinic):
        delivery.deliver(clinic.database, clinic.connector, due, "w1")
    senders = {
        one["body"]: one["from"]
        for sid in (SID, OTHER["sid"])
        for one in clinic.sandbox.messages(sid)
        if one["direction"] == "outbound-api"
    }
    assert senders == {
        "From the first": f"whatsapp:{SENDER}",
        "From the second": f"whatsapp:{OTHER['sender']}",
    }


def _due_to_send(clinic: Clinic) -> list[accounts.Due]:
    with clinic.database.reading() as session:
        return accounts.find_due_to_send(session)


def test_two_workers_send_each_message_once_and_in_order(clinic: Clinic) -> None:
    people = [f"+49151000000{number}" for number in range(4)]
    opened = [clinic.conversation_with(phone=person) for person in people]
    for number in range(4):
        for one in opened:
            queue(clinic, one, f"{one}: message {number}")

    def work(worker: str) -> None:
        while any(
            one.delivery in {Delivery.QUEUED, Delivery.SENDING}
            for one in everything(clinic.database, Message)
        ):
            deliver(clinic, worker)

    at_once(partial(work, "w1"), partial(work, "w2"))
    assert {one["count"] for one in clinic.sandbox.counters()["creates"]} == {1}
    for one in opened:
        assert [body for body in sent_bodies(clinic) if body.startswith(f"{one}:")] == [
            f"{one}: message {number}" for number in range(4)
        ]
    assert_consistent(clinic.database)


def test_an_earlier_message_that_must_wait_holds_back_the_later_ones_of_its_conversation_only(
    clinic: Clinic, travel: Travel
) -> None:
    opened, other = clinic.conversation_with(), clinic.conversation_with(phone="+491510000002")
    queue(clinic, opened, "First")
    clinic.sandbox.fault("too_many_requests", times=1, method="POST")
    assert deliver(clinic) == 0
    queue(clinic, opened, "Second")
    with clinic.database.transaction() as session:
        accounts.note_success(session, clinic.account_id)
    queue(clinic, other, "Elsewhere")
    deliver(clinic)
    assert sent_bodies(clinic) == ["Elsewhere"]
    travel.forward(seconds=10)
    while deliver(clinic):
        pass
    assert sent_bodies(clinic) == ["Elsewhere", "First", "Second"]


def test_when_asked_to_slow_down_it_waits_as_long_as_it_was_told_and_sends_once(
    clinic: Clinic, travel: Travel
) -> None:
    reply = queue(clinic, clinic.conversation_with())
    clinic.sandbox.fault("too_many_requests", times=1, seconds=90, method="POST")
    assert deliver(clinic) == 0
    assert message(clinic, reply).delivery is Delivery.QUEUED
    travel.forward(seconds=85)
    assert _due_to_send(clinic) == []
    clinic.sandbox.patient_writes("Still there?")
    assert clinic.fetch() == 1  # what comes in does not wait for what goes out
    assert _due_to_send(clinic) == []
    travel.forward(seconds=6)
    assert [due.id for due in _due_to_send(clinic)] == [clinic.account_id]
    assert deliver(clinic) == 1
    assert clinic.sandbox.creates("Of course!") == 1
    assert_consistent(clinic.database)


def test_a_provider_that_cannot_be_reached_is_tried_again_for_longer_each_time(
    clinic: Clinic, travel: Travel
) -> None:
    reply = queue(clinic, clinic.conversation_with())
    nowhere = _towards(clinic, "http://127.0.0.1:9")
    for _ in range(3):
        delivery.deliver(clinic.database, nowhere, clinic.due(), "w1")
        travel.forward(minutes=3)
    assert (message(clinic, reply).delivery, message(clinic, reply).attempts) == (Delivery.QUEUED, 3)
    deliver(clinic)
    assert clinic.sandbox.creates("Of course!") == 1


TAKEN = [("error_after", {}), ("hang_after", {"seconds": 2}), ("cut", {}), ("truncated_json", {})]
NOT_TAKEN = [("error_before", {"status": 503}), ("html_page", {})]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("kind", "how"), TAKEN)
def test_what_the_provider_took_without_saying_so_is_looked_up_and_never_sent_twice(
    clinic: Clinic, travel: Travel, kind: str, how: dict
) -> None:
    opened = clinic.conversation_with()
    reply = queue(clinic, opened)
    clinic.sandbox.fault(kind, times=1, method="POST", **how)
    assert deliver(clinic) == 0
    assert message(clinic, reply).delivery is Delivery.UNCONFIRMED
    clinic.sandbox.fault("lag", seconds=60, times=1)
    assert confirm(clinic) == 1
    assert message(clinic, reply).delivery is Delivery.UNCONFIRMED
    assert deliver(clinic) == 0
    travel.forward(seconds=16)
    assert confirm(clinic) == 1
    found = message(clinic, reply)
    assert found.delivery in {Delivery.SENT, Delivery.DELIVERED}
    assert [found.provider_id] == [
        one["sid"] for one in clinic.sandbox.messages() if one["direction"] == "outbound-api"
    ]
    assert clinic.sandbox.creates("Of course!") == 1
    assert conversation(clinic, opened).failed_count == 0
    assert_consistent(clinic.database)


def test_what_waits_in_the_providers_queue_is_found_by_when_it_was_handed_over(clinic: Clinic) -> None:
    reply = queue(clinic, clinic.conversation_with())
    clinic.sandbox.fault("queued", times=1, seconds=600)
    clinic.sandbox.fault("error_after", times=1, method="POST")
    deliver(clinic)
    assert message(clinic, reply).delivery is Delivery.UNCONFIRMED
    confirm(clinic)
    [queued] = [one for one in clinic.sandbox.messages() if one["direction"] == "outbound-api"]
    assert (queued["status"], queued["date_sent"]) == ("queued", None)
    assert (message(clinic, reply).delivery, message(clinic, reply).provider_id) == (
        Delivery.SENT,
        queued["sid"],
    )
    assert clinic.sandbox.creates("Of course!") == 1


def test_what_left_the_providers_queue_minutes_later_is_found_all_the_same(clinic: Clinic) -> None:
    """The sandbox's clock goes on, ours does not: the look-up comes when the message has a date_sent of its own."""
    ahead = timedelta()
    world = World(step=0, now=lambda: datetime.now(UTC) + ahead)
    with running(world) as base_url:
        own = replace(clinic, sandbox=Sandbox(base_url), connector=_towards(clinic, base_url))
        own.sandbox.add_account()
        reply = queue(own, own.conversation_with())
        own.sandbox.fault("queued", times=1, seconds=200)
        own.sandbox.fault("error_after", times=1, method="POST")
        deliver(own)
        ahead = timedelta(minutes=4)
        [left] = [one for one in own.sandbox.messages() if one["direction"] == "outbound-api"]
        late = parsedate_to_datetime(left["date_sent"]) - parsedate_to_datetime(left["date_created"])
        assert late > timedelta(minutes=3)
        confirm(own)
        assert message(own, reply).provider_id == left["sid"]


def _towards(clinic: Clinic, base_url: str) -> accounts.Connector:
    settings = clinic.connector.settings.model_copy(update={"base_urls": registry.every_base_url(base_url)})
    return replace(clinic.connector, settings=settings)


@pytest.mark.parametrize(("kind", "how"), NOT_TAKEN)
def test_what_is_not_found_within_five_minutes_is_put_to_staff_and_sent_again_once(
    clinic: Clinic, travel: Travel, kind: str, how: dict
) -> None:
    opened = clinic.conversation_with()
    reply = queue(clinic, opened)
    clinic.sandbox.fault(kind, times=1, method="POST", **how)
    deliver(clinic)
    travel.forward(minutes=4, seconds=50)
    confirm(clinic)
    assert conversation(clinic, opened).failed_count == 0
    travel.forward(seconds=20)
    confirm(clinic)
    asked = message(clinic, reply)
    assert (asked.delivery, asked.next_attempt_at) == (Delivery.UNCONFIRMED, None)
    assert "not clear" in asked.problem
    assert conversation(clinic, opened).failed_count == 1
    assert_consistent(clinic.database)
    assert [confirm(clinic), deliver(clinic)] == [0, 0]

    assert _again(clinic, reply) == _again(clinic, reply)
    assert deliver(clinic) == 1
    assert clinic.sandbox.creates("Of course!") == 1
    assert conversation(clinic, opened).failed_count == 0
    assert_consistent(clinic.database)


def _again(clinic: Clinic, message_id: int) -> int:
    with clinic.database.transaction() as session:
        return retry_failed.send_again(session, message_id, by=clinic.maria).id


def test_two_doubtful_messages_of_the_same_words_are_matched_to_two_at_the_provider(
    clinic: Clinic, travel: Travel
) -> None:
    opened = clinic.conversation_with()
    replies = [queue(clinic, opened, "Hello?", token=token) for token in "ab"]
    clinic.sandbox.fault("error_after", times=2, method="POST")
    deliver(clinic)
    confirm(clinic)
    found = {message(clinic, reply).provider_id for reply in replies}
    assert len(found) == 2
    assert None not in found
    assert clinic.sandbox.creates("Hello?") == 2


def test_an_older_message_of_the_same_words_is_not_mistaken_for_a_new_one(
    clinic: Clinic, travel: Travel
) -> None:
    opened = clinic.conversation_with()
    queue(clinic, opened, "Hello?", token="a")
    deliver(clinic)
    second = queue(clinic, opened, "Hello?", token="b")
    clinic.sandbox.fault("error_before", times=1, method="POST")
    deliver(clinic)
    confirm(clinic)
    assert message(clinic, second).delivery is Delivery.UNCONFIRMED
    assert clinic.sandbox.creates("Hello?") == 1


def test_a_worker_frozen_before_its_call_that_comes_back_late_leaves_nothing_to_ask_about(
    clinic: Clinic, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = clinic.conversation_with()
    reply = queue(clinic, opened)
    really_send = whatsapp.WhatsApp.send

    def frozen(channel: whatsapp.WhatsApp, outgoing: object) -> object:
        travel.forward(seconds=claims.CLAIM_SECONDS + 1)
        assert sweep(clinic) == 1
        travel.forward(minutes=6)
        confirm(clinic)
        assert conversation(clinic, opened).failed_count == 1
        return really_send(channel, outgoing)

    monkeypatch.setattr(whatsapp.WhatsApp, "send", frozen)
    assert deliver(clinic) == 1
    assert message(clinic, reply).delivery in {Delivery.SENT, Delivery.DELIVERED}
    assert conversation(clinic, opened).failed_count == 0
    assert clinic.sandbox.creates("Of course!") == 1


@pytest.mark.parametrize("suspended", [31, 90])
def test_a_worker_suspended_between_claim_and_call_sends_nothing_late(
    clinic: Clinic, travel: Travel, monkeypatch: pytest.MonkeyPatch, suspended: int
) -> None:
    """It may have been gone for longer than a claim lasts; the message leaves under a claim that holds, or not at all."""
    reply = queue(clinic, clinic.conversation_with())
    really_claim = claims.claim

    def claim(*args: Any) -> claims.Claim | None:
        taken = really_claim(*args)
        travel.forward(seconds=suspended)
        return taken

    with monkeypatch.context() as patched:
        patched.setattr(claims, "claim", claim)
        assert deliver(clinic) == 0
    assert (message(clinic, reply).delivery, clinic.sandbox.creates("Of course!")) == (Delivery.QUEUED, 0)
    assert deliver(clinic, "w2") == 1
    assert clinic.sandbox.creates("Of course!") == 1
    assert_consistent(clinic.database)


def test_a_suspended_worker_leaves_a_claim_alone_that_was_swept_up_meanwhile(
    clinic: Clinic, travel: Travel
) -> None:
    reply = queue(clinic, clinic.conversation_with())
    with clinic.database.transaction() as session:
        held = claims.claim(session, reply, "w1")
    assert held
    travel.forward(seconds=claims.CLAIM_SECONDS + 1)
    assert not held.fresh
    sweep(clinic)
    with clinic.database.transaction() as session:
        claims.give_back(session, held)
    assert message(clinic, reply).delivery is Delivery.UNCONFIRMED


@pytest.mark.parametrize("problem", [None, ChannelError("No.", Trouble.MESSAGE)])
def test_what_comes_of_a_claim_that_another_worker_holds_by_now_changes_nothing(
    clinic: Clinic, problem: ChannelError | None
) -> None:
    reply = queue(clinic, clinic.conversation_with())
    with clinic.database.transaction() as session:
        held = claims.claim(session, reply, "w1")
    assert held
    with clinic.database.transaction() as session:
        claims.give_back(session, held)
    with clinic.database.transaction() as session:
        assert claims.claim(session, reply, "w2")
    with clinic.database.transaction() as session:
        if problem:
            delivery._note_error(session, held, clinic.account_id, problem)
        else:
            delivery._note_sent(session, held, clinic.account_id, Receipt("SM1", Delivery.SENT))
    kept = message(clinic, reply)
    assert (kept.delivery, kept.claimed_by, kept.provider_id) == (Delivery.SENDING, "w2", None)


def test_a_message_keeps_the_ticks_of_the_one_at_the_provider_that_it_was_matched_to(
    clinic: Clinic, travel: Travel
) -> None:
    reply = queue(clinic, clinic.conversation_with())
    deliver(clinic)
    before = message(clinic, reply)
    with clinic.database.transaction() as session:
        delivery_state.adopt(session, session.get_one(Message, reply), Receipt("SM1", Delivery.READ))
    after = message(clinic, reply)
    assert (after.provider_id, after.delivery) == (before.provider_id, before.delivery)


def test_a_claim_is_left_alone_while_its_worker_may_still_live(clinic: Clinic, travel: Travel) -> None:
    reply = queue(clinic, clinic.conversation_with())
    with clinic.database.transaction() as session:
        claims.claim(session, reply, "dead")
    travel.forward(seconds=claims.CLAIM_SECONDS - 2)
    assert sweep(clinic) == 0
    assert deliver(clinic, "another") == 0
    travel.forward(seconds=4)
    assert sweep(clinic) == 1
    assert message(clinic, reply).delivery is Delivery.UNCONFIRMED


def test_a_window_that_closes_between_click_and_sending_stops_the_message_visibly(
    clinic: Clinic, travel: Travel
) -> None:
    opened = clinic.conversation_with()
    reply = queue(clinic, opened)
    travel.forward(hours=24)
    deliver(clinic)
    assert message(clinic, reply).delivery is Delivery.FAILED
    assert message(clinic, reply).problem.startswith("Not sent: The 24-hour reply window has closed.")
    assert conversation(clinic, opened).failed_count == 1
    assert conversation(clinic, opened).waiting_since is not None
    assert clinic.sandbox.creates("Of course!") == 0
    assert_consistent(clinic.database)


def test_a_stop_between_click_and_sending_stops_the_message_visibly(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    reply = queue(clinic, opened)
    receive(clinic, event("stop", "STOP", at=clock.now()))
    deliver(clinic)
    assert message(clinic, reply).delivery is Delivery.FAILED
    assert "STOP" in message(clinic, reply).problem
    assert clinic.sandbox.creates("Of course!") == 0
    assert_consistent(clinic.database)


def test_somebody_opted_out_at_the_provider_is_opted_out_here(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    clinic.sandbox.patient(opted_out=True)
    reply = queue(clinic, opened)
    deliver(clinic)
    assert "STOP" in message(clinic, reply).problem
    [identity] = everything(clinic.database, Identity)
    assert opt_out.is_opted_out(identity)
    assert "STOP" in refused(partial(queue, clinic, opened, "More"), Refused)
    assert_consistent(clinic.database)


SENTENCES = {
    63024: "cannot be reached on WhatsApp",
    63003: "cannot be reached on WhatsApp",
    63016: "24-hour reply window had closed",
    63013: "policy reasons",
    63019: "file could not be fetched",
    63018: "no more messages from this number right now",
    99999: "did not take the message (code 99999)",
}


def test_a_failure_that_comes_later_is_one_plain_sentence(clinic: Clinic) -> None:
    replies = {}
    for code in SENTENCES:
        phone = f"+4915100{code}"
        clinic.sandbox.patient_writes("Hello", phone=phone)
        clinic.sandbox.patient(phone, unreachable=code)
    clinic.fetch()
    for code in SENTENCES:
        replies[code] = queue(clinic, clinic.conversation_id(f"+4915100{code}"), f"Reply {code}")
    deliver(clinic)
    follow(clinic)
    for code, sentence in SENTENCES.items():
        failed = message(clinic, replies[code])
        opened = conversation(clinic, failed.conversation_id)
        assert (failed.delivery, failed.error_code) == (Delivery.FAILED, str(code))
        assert sentence in failed.problem
        assert (opened.failed_count, opened.waiting_since is None) == (1, False)
    assert_consistent(clinic.database)


def test_a_number_that_is_none_fails_at_once_and_the_next_message_goes(clinic: Clinic) -> None:
    receive(clinic, event("a", person="whatsapp:nonsense", at=clock.now()))
    [nobody] = [one.conversation_id for one in everything(clinic.database, Message)]
    opened = clinic.conversation_with()
    reply, other = queue(clinic, nobody, "To nobody"), queue(clinic, opened, "To somebody")
    assert deliver(clinic) == 1
    assert message(clinic, reply).delivery is Delivery.FAILED
    assert message(clinic, other).delivery in {Delivery.SENT, Delivery.DELIVERED}
    assert_consistent(clinic.database)


def test_ticks_heard_out_of_order_never_go_back(clinic: Clinic) -> None:
    clinic.sandbox.set_pace(60)
    reply = queue(clinic, clinic.conversation_with())
    deliver(clinic)
    clinic.sandbox.fault("out_of_order")
    seen = []
    for looks in range(5):
        follow(clinic, sweep=looks % 2 == 1)
        seen.append(message(clinic, reply).delivery)
    rank = [delivery_state.RANK[one] for one in seen]
    assert rank == sorted(rank)
    assert seen[-1] is Delivery.READ


def test_a_wrong_token_breaks_its_account_alone_and_the_message_goes_once_it_is_mended(
    clinic: Clinic, travel: Travel
) -> None:
    clinic.sandbox.add_account(**OTHER)
    with clinic.database.transaction() as session:
        other = connect_account(session, clinic.connector, clinic.ada, **OTHER)
    opened = clinic.conversation_with()
    reply = queue(clinic, opened)
    clinic.sandbox.add_account(token="a-new-token")
    for due in _due_to_send(clinic):
        delivery.deliver(clinic.database, clinic.connector, due, "w1")
    assert account(clinic).health is Health.OK  # what was refused is a message
    assert "auth token" in account(clinic).last_error
    assert message(clinic, reply).delivery is Delivery.QUEUED
    travel.forward(seconds=30)
    assert [due.id for due in _due_to_send(clinic)] == [other]
    assert "auth token" in refused(partial(queue, clinic, opened, "Another"), Refused)

    with clinic.database.transaction() as session:
        connect_account(session, clinic.connector, clinic.ada, token="a-new-token")
    deliver(clinic)
    deliver(clinic)
    assert message(clinic, reply).delivery in {Delivery.SENT, Delivery.DELIVERED}
    assert clinic.sandbox.creates("Of course!") == 1
    assert account(clinic).send_error == ""


def test_a_refused_message_blocks_the_composer_until_the_next_try_and_nothing_that_comes_in(
    clinic: Clinic, travel: Travel
) -> None:
    opened = clinic.conversation_with()
    with clinic.database.transaction() as session:
        error = ChannelError("The sender is not active.", Trouble.ACCOUNT)
        accounts.note_send_failure(session, clinic.account_id, error)
    clinic.sandbox.patient_writes("Still there?")
    assert clinic.fetch() == 1
    assert "The sender is not active." in refused(partial(queue, clinic, opened), Refused)
    travel.forward(minutes=11)
    reply = queue(clinic, opened)
    assert deliver(clinic) == 1
    assert message(clinic, reply).delivery is Delivery.SENT
    assert (account(clinic).send_error, account(clinic).last_error) == ("", "The sender is not active.")


def test_a_database_that_is_away_for_a_moment_does_not_lose_what_the_provider_answered(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, away = delivery_state.adopt, iter([True, True])

    def adopt(*args: object) -> None:
        if next(away, False):
            raise sa.exc.OperationalError("", {}, Exception("the database is locked"))
        original(*args)

    monkeypatch.setattr(delivery_state, "adopt", adopt)
    reply = queue(clinic, clinic.conversation_with())
    assert deliver(clinic) == 1
    assert message(clinic, reply).delivery is Delivery.SENT
    assert clinic.sandbox.creates("Of course!") == 1


@pytest.mark.parametrize("seconds", [-150, 150, 900])
def test_what_left_is_found_by_the_providers_clock_too(clinic: Clinic, travel: Travel, seconds: int) -> None:
    opened = clinic.conversation_with()
    travel.forward(seconds=seconds)  # our clock is wrong by that much
    reply = queue(clinic, opened)
    clinic.sandbox.fault("error_after", times=1, method="POST")
    deliver(clinic)
    assert message(clinic, reply).delivery is Delivery.UNCONFIRMED
    confirm(clinic)
    assert message(clinic, reply).delivery is Delivery.DELIVERED
    assert clinic.sandbox.creates("Of course!") == 1


def test_an_overdue_look_up_is_said_in_the_thread_and_goes_on(clinic: Clinic, travel: Travel) -> None:
    opened = clinic.conversation_with()
    reply = queue(clinic, opened)
    clinic.sandbox.fault("error_after", times=1, method="POST")
    deliver(clinic)
    travel.forward(minutes=6)
    with clinic.database.transaction() as session:
        unconfirmed.tell_of_waiting(session)
    doubtful = message(clinic, reply)
    assert "as soon as it can" in doubtful.problem
    assert not doubtful.needs_a_person
    confirm(clinic)
    assert (message(clinic, reply).delivery, message(clinic, reply).problem) == (Delivery.DELIVERED, "")
    assert_consistent(clinic.database)


def test_somebody_who_wrote_start_since_is_not_shut_out_by_an_older_refusal(
    clinic: Clinic, travel: Travel
) -> None:
    opened = clinic.conversation_with()
    reply = queue(clinic, opened)
    deliver(clinic)
    at = message(clinic, reply).at
    receive(clinic, event("start", "START", at=at + timedelta(minutes=1)))
    travel.forward(minutes=2)
    with clinic.database.transaction() as session:
        delivery_state.fail(session, session.get_one(Message, reply), "63014", "Blocked.")
    assert not opt_out.is_opted_out(everything(clinic.database, Identity)[0])
    assert_consistent(clinic.database)


def test_credentials_that_cannot_be_opened_break_the_account_and_no_message(clinic: Clinic) -> None:
    from genko.vault import Vault, new_key

    reply = queue(clinic, clinic.conversation_with())
    stranger = replace(clinic.connector, vault=Vault([new_key()]))
    with pytest.raises(ChannelError) as caught:
        delivery.deliver(clinic.database, stranger, clinic.due(), "w1")
    assert caught.value.trouble is Trouble.ACCOUNT
    assert message(clinic, reply).delivery is Delivery.QUEUED


def test_a_reply_stays_in_its_place_when_our_clock_runs_ahead_of_the_providers(
    clinic: Clinic, travel: Travel
) -> None:
    opened = clinic.conversation_with()
    travel.forward(seconds=90)
    queue(clinic, opened)
    deliver(clinic)
    clinic.sandbox.patient_writes("Thank you")
    clinic.fetch()
    assert conversation(clinic, opened).preview == "Thank you"
    assert_consistent(clinic.database)


def test_nothing_of_a_patient_is_in_the_log(clinic: Clinic, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    opened = clinic.conversation_with("My knee hurts")
    queue(clinic, opened, "Come at nine")
    for kind in ("error_before", "cut", "html_page"):
        clinic.sandbox.fault(kind, times=1, method="POST")
        deliver(clinic)
        follow(clinic, sweep=True)
    assert not any(word in caplog.text for word in ("knee", "nine", "1510000001", "token-of", "Traceback"))


def test_two_workers_that_look_up_the_same_message_ask_staff_once(clinic: Clinic, travel: Travel) -> None:
    opened = clinic.conversation_with()
    sent = queue(clinic, opened)
    clinic.sandbox.fault("error_before", method="POST", times=1)
    deliver(clinic)
    travel.forward(minutes=6)
    for _ in range(2):
        with clinic.database.transaction() as session:
            unconfirmed._conclude(session, sent, [])
    assert conversation(clinic, opened).failed_count == 1
    with clinic.database.transaction() as session:
        retry_failed.settle(session, sent, by=clinic.maria)
    assert conversation(clinic, opened).failed_count == 0
    assert_consistent(clinic.database)


def test_a_look_up_leaves_a_later_message_of_the_same_words_its_place_at_the_provider(
    clinic: Clinic, travel: Travel
) -> None:
    opened = clinic.conversation_with()
    lost, later = (queue(clinic, opened, "Ok", token=token) for token in "ab")
    with clinic.database.transaction() as session:
        first = claims.claim(session, lost, "w1")
    assert first
    with clinic.database.transaction() as session:
        delivery_state.doubt(session, session.get_one(Message, lost))
    with clinic.database.transaction() as session:
        second = claims.claim(session, later, "w1")
    assert second
    receipt = clinic.connector.channel(clinic.due()).send(second.outgoing)

    confirm(clinic)  # while what the provider answered is not noted yet
    with clinic.database.transaction() as session:
        delivery._note_sent(session, second, clinic.account_id, receipt)
    travel.forward(seconds=20)
    confirm(clinic)
    assert message(clinic, lost).delivery is Delivery.UNCONFIRMED
    assert message(clinic, later).provider_id == receipt.provider_id


def test_a_message_whose_state_cannot_be_asked_keeps_no_other_ticks_back(clinic: Clinic) -> None:
    replies = [
        queue(clinic, clinic.conversation_with(phone=phone), body)
        for phone, body in (("+491510000001", "A"), ("+491510000002", "B"), ("+491510000003", "C"))
    ]
    deliver(clinic)
    path = message(clinic, replies[1]).provider_id
    clinic.sandbox.fault("error_before", method="GET", path=path)
    follow(clinic)
    follow(clinic)
    clinic.sandbox.clear_faults()
    assert [message(clinic, one).delivery for one in replies] == [
        Delivery.DELIVERED, Delivery.SENT, Delivery.DELIVERED,
    ]  # fmt: skip
    assert account(clinic).health is Health.OK


def test_what_comes_in_while_a_reply_is_noted_stays_the_newest_in_the_list(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    sent = queue(clinic, opened)

    def comes_in(session: Session) -> None:
        newer = event("SMnew", "Newest", at=clock.now() + timedelta(seconds=5))
        incoming.receive(session, clinic.account_id, [newer])

    def is_noted(session: Session) -> None:
        ours = session.get_one(Message, sent, with_for_update=True)
        delivery_state.adopt(session, ours, Receipt("SMout", Delivery.SENT, clock.now()))

    overtaken(clinic.database, comes_in, is_noted)
    assert conversation(clinic, opened).preview == "Newest"
    assert_consistent(clinic.database)


def test_who_writes_while_a_settled_failure_turns_out_delivered_still_waits(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    sent = queue(clinic, opened)
    with clinic.database.transaction() as session:
        ours = session.get_one(Message, sent)
        ours.provider_id, ours.claimed_at = "SMx", clock.now()
        delivery_state.fail(session, ours, "63012", "It failed.")
        retry_failed.settle(session, sent, by=clinic.maria)

    def comes_in(session: Session) -> None:
        newer = event("SMnew", "Newest", at=clock.now() + timedelta(seconds=1))
        incoming.receive(session, clinic.account_id, [newer])

    def arrives(session: Session) -> None:
        receipts.apply_receipts(session, clinic.account_id, [Receipt("SMx", Delivery.DELIVERED)])

    overtaken(clinic.database, comes_in, arrives)
    assert conversation(clinic, opened).waiting_since is not None
    assert_consistent(clinic.database)


def test_what_is_held_back_behind_one_message_takes_no_places_of_others(clinic: Clinic) -> None:
    busy, other = clinic.conversation_with(), clinic.conversation_with(phone="+491510000002")
    first = queue(clinic, busy, "first")
    with clinic.database.transaction() as session:
        session.get_one(Message, first).next_attempt_at = clock.now() + timedelta(minutes=2)
    for number in range(claims.BATCH):
        queue(clinic, busy, f"behind it {number}")
    queue(clinic, other, "for somebody else")
    assert deliver(clinic) == 1
    assert sent_bodies(clinic) == ["for somebody else"]


def test_the_ticks_of_a_reply_sent_elsewhere_move_and_its_failure_asks_nobody(clinic: Clinic) -> None:
    receive(clinic, event("SMa", outbound=True, delivery=Delivery.SENT))
    receive(clinic, event("SMb", outbound=True, delivery=Delivery.SENT))
    with clinic.database.transaction() as session:
        found = [Receipt("SMa", Delivery.READ), Receipt("SMb", Delivery.FAILED, error_code="63016")]
        receipts.apply_receipts(session, clinic.account_id, found)
    assert [one.delivery for one in everything(clinic.database, Message)] == [Delivery.READ, Delivery.FAILED]
    assert_consistent(clinic.database)


def test_two_failures_at_once_are_two(clinic: Clinic, travel: Travel) -> None:
    opened = clinic.conversation_with()
    first, second = queue(clinic, opened, "first"), queue(clinic, opened, "second")
    deliver(clinic)
    with clinic.database.transaction() as session:
        session.get_one(Message, second).delivery = Delivery.QUEUED
    travel.forward(hours=25)

    def fails(session: Session) -> None:
        delivery_state.fail(session, session.get_one(Message, first), "63003", "It failed.")

    def may_not_leave(session: Session) -> None:
        claims.claim(session, second, "w1")

    overtaken(clinic.database, fails, may_not_leave)
    assert conversation(clinic, opened).failed_count == 2
    assert_consistent(clinic.database)


def test_a_failure_of_the_account_that_comes_with_a_receipt_is_said_of_the_account(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    sent = queue(clinic, opened)
    deliver(clinic)
    provider_id = message(clinic, sent).provider_id
    with clinic.database.transaction() as session:
        failed = Receipt(provider_id, Delivery.FAILED, error_code="63020")
        receipts.apply_receipts(session, clinic.account_id, [failed])
    assert account(clinic).send_error == message(clinic, sent).problem != ""
    assert account(clinic).send_error in refused(partial(queue, clinic, opened, "More"), Refused)


def test_ticks_move_where_our_clock_reached_midnight_before_the_providers(
    clinic: Clinic, travel: Travel
) -> None:
    opened = clinic.conversation_with()
    midnight = (clock.now() + timedelta(days=1)).replace(hour=0, minute=0, second=1)
    travel.ahead = midnight - clock.now()
    sent = queue(clinic, opened)
    deliver(clinic)
    clinic.sandbox.patient_reads()
    follow(clinic, sweep=True)
    assert message(clinic, sent).delivery is Delivery.READ


def test_a_late_failure_says_nothing_of_an_account_from_which_another_message_has_left_since(
    clinic: Clinic,
) -> None:
    opened = clinic.conversation_with()
    first, second = queue(clinic, opened, "first"), queue(clinic, opened, "second")
    deliver(clinic)
    with clinic.database.transaction() as session:
        failed = Receipt(session.get_one(Message, first).provider_id, Delivery.FAILED, error_code="63020")
        receipts.apply_receipts(session, clinic.account_id, [failed])
    assert message(clinic, first).delivery is Delivery.FAILED
    assert message(clinic, second).delivery is Delivery.SENT
    assert account(clinic).send_error == ""


def test_a_later_message_cannot_be_claimed_while_an_earlier_one_of_its_conversation_is_being_sent(
    clinic: Clinic,
) -> None:
    opened = clinic.conversation_with()
    earlier, later = queue(clinic, opened, "First"), queue(clinic, opened, "Second")
    with clinic.database.transaction() as session:
        assert claims.claim(session, earlier, "w1")
    with clinic.database.transaction() as session:
        assert claims.claim(session, later, "w2") is None


def test_a_provider_that_asks_to_slow_down_gets_no_further_message_of_that_account(clinic: Clinic) -> None:
    for phone in ("+491510000001", "+491510000002", "+491510000003"):
        queue(clinic, clinic.conversation_with(phone=phone), f"To {phone}")
    clinic.sandbox.fault("too_many_requests", times=5, method="POST")
    deliver(clinic)
    attempts = [reply.attempts for reply in everything(clinic.database, Message) if reply.delivery]
    assert attempts == [1, 0, 0]
