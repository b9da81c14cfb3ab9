"""What the provider lists comes in: by quick looks, by sweeps, after days of silence, from the past."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from genko import clock
from genko.channels.accounts import Connector, Due
from genko.channels.base import Author, ChannelError, Delivery
from genko.channels.events import Inbound
from genko.channels.models import ChannelAccount, HistoryImport
from genko.channels.providers.whatsapp import WhatsApp
from genko.errors import NotAllowed, Refused
from genko.leads.models import Lead
from genko.messages import (
    delivery,
    delivery_state,
    draft_sending,
    drafts,
    fetch,
    follow_receipts,
    history_import,
    inbox,
    thread,
    unconfirmed,
)
from genko.messages.inbox import InboxFilter, Tab
from genko.messages.models import Conversation, ConversationStatus, Message, Unprocessed
from genko.messages.new_conversation import Contact
from tests.factories import Clinic
from tests.steps import (
    Travel,
    account,
    assert_consistent,
    begin,
    bodies,
    conversation,
    event,
    everything,
    message,
    queue,
    receive,
    refused,
    set_status,
)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def marked(clinic: Clinic, at: datetime) -> None:
    with clinic.database.transaction() as session:
        session.get_one(ChannelAccount, clinic.account_id).fetched_until = at


def test_pages_are_walked_to_the_end(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_QUICK_PAGE", 4)
    monkeypatch.setattr(fetch, "_SWEEP_PAGE", 5)
    now = clock.now()
    for number in range(13):
        clinic.sandbox.patient_writes(str(number), at=now - timedelta(seconds=number))
    assert clinic.fetch() == 13
    assert clinic.fetch(sweep=True) == 0
    assert_consistent(clinic.database)


def test_a_quick_look_ends_where_nothing_is_new_and_the_sweep_finds_what_it_missed(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_QUICK_PAGE", 2)
    now = clock.now()
    for number in range(4):
        clinic.sandbox.patient_writes(f"known {number}", at=now - timedelta(seconds=number))
    clinic.fetch()
    clinic.sandbox.patient_writes("late", at=now - timedelta(minutes=10))
    assert clinic.fetch() == 0
    marked(clinic, clock.now() - timedelta(hours=1))
    assert clinic.fetch(sweep=True) == 1
    assert account(clinic).fetched_until > clock.now() - timedelta(minutes=1)
    assert_consistent(clinic.database)


def test_a_list_in_any_order_with_repeats_that_lags_behind_is_taken_in_whole(clinic: Clinic) -> None:
    for number in range(12):
        clinic.sandbox.patient_writes(str(number), phone=f"+4915100000{number:02}")
    clinic.sandbox.fault("lag", seconds=60, times=1)
    assert clinic.fetch() == 0
    clinic.sandbox.fault("shuffled")
    clinic.sandbox.fault("duplicates")
    assert clinic.fetch() + clinic.fetch(sweep=True) == 12
    assert_consistent(clinic.database)


def test_only_a_complete_sweep_moves_the_mark(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_SWEEP_PAGE", 2)
    before = account(clinic).fetched_until
    for number in range(6):
        clinic.sandbox.patient_writes(str(number))
    clinic.fetch()
    assert account(clinic).fetched_until == before
    clinic.sandbox.fault("slow", seconds=0, times=1)
    clinic.sandbox.fault("error_before", times=1)
    with pytest.raises(ChannelError):
        clinic.fetch(sweep=True)
    assert account(clinic).fetched_until == before


def test_after_three_days_without_a_worker_everything_is_there(clinic: Clinic, travel: Travel) -> None:
    clinic.fetch(sweep=True)
    travel.stop(clock.now() + days(3))
    for hours in (1, 20, 30, 47, 60, 71.9):
        clinic.sandbox.patient_writes(f"{hours} h ago", at=clock.now() - timedelta(hours=hours))
    clinic.sandbox.fault("shuffled")
    assert clinic.fetch() == 6
    assert clinic.fetch(sweep=True) == 0
    row = conversation(clinic, clinic.conversation_id())
    assert (row.preview, row.inbound_count) == ("1 h ago", 6)
    assert_consistent(clinic.database)


def test_a_message_in_the_moment_of_a_sweep_is_not_lost(clinic: Clinic, travel: Travel) -> None:
    """It is too late for the list and older than the mark; the overlap catches it."""
    clinic.fetch(sweep=True)
    clinic.sandbox.patient_writes("just missed", at=account(clinic).fetched_until - timedelta(seconds=1))
    travel.forward(hours=1)
    assert clinic.fetch(sweep=True) == 1


def past(
    direction: str, body: str, *, ago: float, patient: str = "+491510000001", status: str = "read"
) -> dict:
    at = (clock.now() - days(ago)).isoformat()
    return {"direction": direction, "patient": patient, "at": at, "body": body} | (
        {"status": status} if direction == "out" else {}
    )


def start(clinic: Clinic, span: int) -> None:
    with clinic.database.transaction() as session:
        history_import.start_history(session, clinic.account_id, span, by=clinic.ada)


def step(clinic: Clinic) -> bool:
    return history_import.import_history(clinic.database, clinic.connector, clinic.due())


def test_the_past_comes_in_with_both_directions_closed_and_read(clinic: Clinic) -> None:
    clinic.sandbox.history(
        [past("in", "Old question", ago=5), past("out", "Old answer", ago=4.9), past("in", "Thanks", ago=4.8)]
    )
    start(clinic, 10)
    while step(clinic):
        pass
    [row] = everything(clinic.database, Conversation)
    assert (row.status, row.inbound_count, row.waiting_since, row.preview) == (
        ConversationStatus.RESOLVED,
        0,
        None,
        "Thanks",
    )
    authors = [(one.body, one.author, one.delivery) for one in everything(clinic.database, Message)]
    assert sorted(authors) == [
        ("Old answer", Author.OTHER_TOOL, Delivery.READ),
        ("Old question", Author.PATIENT, None),
        ("Thanks", Author.PATIENT, None),
    ]
    assert (account(clinic).history, account(clinic).history_done) == (HistoryImport.DONE, 3)
    [lead] = everything(clinic.database, Lead)
    assert lead.created_at < clock.now() - days(4)
    assert_consistent(clinic.database)


def test_a_finished_import_goes_further_back_on_request_and_never_over_the_same_days(clinic: Clinic) -> None:
    clinic.sandbox.history([past("in", "Lately", ago=1.5), past("in", "Long ago", ago=5.5)])
    start(clinic, 3)
    while step(clinic):
        pass
    assert account(clinic).history_done == 1
    assert "here already" in refused(lambda: start(clinic, 3), Refused)
    start(clinic, 7)
    while step(clinic):
        pass
    assert (account(clinic).history, account(clinic).history_done) == (HistoryImport.DONE, 2)


def test_an_import_that_is_stopped_goes_on_where_it_was_and_stores_nothing_twice(clinic: Clinic) -> None:
    clinic.sandbox.history([past("in", str(number), ago=number + 0.5) for number in range(6)])
    start(clinic, 8)
    assert step(clinic)
    assert step(clinic)
    with clinic.database.transaction() as session:
        history_import.stop_history(session, clinic.account_id, by=clinic.ada)
    assert not step(clinic)
    done, mark = account(clinic).history_done, account(clinic).history_next
    assert 0 < done < 6
    start(clinic, 8)
    assert account(clinic).history_next == mark
    while step(clinic):
        pass
    assert account(clinic).history_done == len(everything(clinic.database, Message)) == 6
    assert_consistent(clinic.database)


def test_an_import_that_breaks_in_the_middle_of_a_day_repeats_the_day(clinic: Clinic) -> None:
    clinic.sandbox.history([past("in", "In", ago=0.3), past("out", "Out", ago=0.2)])
    start(clinic, 2)
    clinic.sandbox.fault("slow", seconds=0, times=1)
    clinic.sandbox.fault("html_page", times=1)
    with pytest.raises(ChannelError):
        step(clinic)
    while step(clinic):
        pass
    assert sorted(bodies(everything(clinic.database, Message))) == ["In", "Out"]
    assert_consistent(clinic.database)


def test_the_past_does_not_reopen_what_staff_have_closed(clinic: Clinic) -> None:
    opened = clinic.conversation_with("New")
    set_status(clinic, opened, ConversationStatus.RESOLVED)
    clinic.sandbox.history([past("in", "Old", ago=5)])
    start(clinic, 6)
    while step(clinic):
        pass
    row = conversation(clinic, opened)
    assert (row.status, row.message_count, row.preview, row.inbound_count) == (
        ConversationStatus.RESOLVED,
        2,
        "New",
        1,
    )
    assert_consistent(clinic.database)


def test_the_past_does_not_close_what_is_open(clinic: Clinic) -> None:
    opened = clinic.conversation_with("New")
    clinic.sandbox.history([past("in", "Old", ago=5), past("out", "Old answer", ago=4)])
    start(clinic, 6)
    while step(clinic):
        pass
    row = conversation(clinic, opened)
    assert (row.status, row.preview) == (ConversationStatus.ACTIVE, "New")
    assert row.waiting_since is not None
    assert_consistent(clinic.database)


def test_what_was_written_before_the_connection_opens_nothing_when_it_is_fetched(clinic: Clinic) -> None:
    clinic.sandbox.patient_writes(
        "Thanks, see you!", phone="+491510000002", at=clock.now() - timedelta(hours=30)
    )
    clinic.sandbox.patient_writes("Are you open?", at=clock.now() - timedelta(minutes=20))
    marked(clinic, clock.now() - days(1))
    clinic.fetch(sweep=True)

    with clinic.database.reading() as session:
        closed = inbox.find_page(session, InboxFilter(tab=Tab.CLOSED), by=clinic.maria, at=clock.now()).rows
        active = inbox.find_page(session, InboxFilter(), by=clinic.maria, at=clock.now()).rows
    assert [(row.preview, row.unread) for row in closed] == [("Thanks, see you!", 0)]
    assert [(row.preview, row.unread) for row in active] == [("Are you open?", 1)]


def test_an_unanswered_question_of_today_comes_in_open(clinic: Clinic) -> None:
    clinic.sandbox.history([past("in", "Still there?", ago=0.1)])
    start(clinic, 2)
    while step(clinic):
        pass
    [row] = everything(clinic.database, Conversation)
    assert row.status is ConversationStatus.ACTIVE
    assert row.waiting_since is not None
    assert_consistent(clinic.database)


def test_only_an_administrator_imports_and_within_a_year(clinic: Clinic) -> None:
    with clinic.database.transaction() as session, pytest.raises(NotAllowed):
        history_import.start_history(session, clinic.account_id, 5, by=clinic.maria)
    assert "365" in refused(partial(start, clinic, 366), Refused)


class Oddity(BaseHTTPRequestHandler):
    """A provider out of its mind: gives every request the same answer."""

    answer: bytes = b""
    status: int = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def odd_provider() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Oddity)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


GARBAGE = {
    "nothing": (200, b""),
    "half a JSON": (200, b'{"messages": [{"sid": "SM1", "body": "knee'),
    "HTML": (200, b"<html><h1>knee</h1></html>"),
    "null": (200, b"null"),
    "a list": (200, b"[]"),
    "a number": (200, b"5"),
    "a text": (200, b'"knee"'),
    "messages null": (200, b'{"messages": null}'),
    "messages an object": (200, b'{"messages": {"knee": 1}}'),
    "an error inside 200": (200, b'{"code": 20003, "message": "knee", "status": 401}'),
    "not UTF-8": (200, b'{"messages": "\xff\xfe knee"}'),
    "an empty 500": (500, b""),
    "a list as 400": (400, b'["knee"]'),
    "HTML 404": (404, b"<h1>knee</h1>"),
    "201 without sid": (201, b'{"body": "knee"}'),
    "201 with a number as sid": (201, b'{"sid": 5, "status": "queued"}'),
    "201 with a wrong date": (201, b'{"sid": "SM9", "status": "queued", "date_created": "knee"}'),
    "201 null": (201, b"null"),
    "201 list": (201, b"[1]"),
}


def test_garbage_of_any_kind_crashes_nothing_and_shows_nothing(
    clinic: Clinic, odd_provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Only ChannelErrors come out, with a sentence of ours; a message it may have taken is in doubt, never sent again."""
    caplog.set_level(logging.INFO)
    settings = clinic.connector.settings.model_copy(update={"base_urls": {"twilio": odd_provider}})
    connector, due = replace(clinic.connector, settings=settings), clinic.due()
    for number, (status, answer) in enumerate(GARBAGE.values()):
        Oddity.status, Oddity.answer = status, answer
        kept = _sent_through_garbage(clinic, connector, due, f"+4915100000{number:02}")
        taken = status < 300 or status >= 500
        assert kept.delivery in ({Delivery.UNCONFIRMED, Delivery.SENT} if taken else {Delivery.FAILED})
        assert "knee" not in kept.problem
    assert "knee" not in caplog.text
    assert_consistent(clinic.database)


def _sent_through_garbage(clinic: Clinic, connector: Connector, due: Due, phone: str) -> Message:
    receive(clinic, event(phone, person=f"whatsapp:{phone}", at=clock.now()))
    doubtful = queue(clinic, clinic.conversation_id(phone), f"Your knee {phone}")
    delivery.deliver(clinic.database, connector, due, "w1")
    works = [
        partial(fetch.fetch, clinic.database, connector, due, sweep=False),
        partial(fetch.fetch, clinic.database, connector, due, sweep=True),
        partial(unconfirmed.confirm, clinic.database, connector, due),
        partial(connector.channel(due).receipts, clock.now()),
        partial(connector.channel(due).receipt, "SM1"),
        partial(connector.channel(due).check),
        partial(connector.channel(due).download, "MM1/0", 1000),
    ]
    assert not any("knee" in _reason(work) for work in works)
    return message(clinic, doubtful)


def _reason(work: Callable[[], object]) -> str:
    try:
        work()
    except ChannelError as error:
        return error.reason
    return ""


GOOD = {
    "sid": "SM77", "direction": "inbound", "from": "whatsapp:+491510000077", "to": "whatsapp:+4930901820", "body": "A valid sibling",
    "date_created": "Mon, 02 Mar 2026 09:00:00 +0000", "date_sent": None, "num_media": "0", "status": "received",
}  # fmt: skip


def test_a_valid_message_between_broken_ones_comes_in(clinic: Clinic, odd_provider: str) -> None:
    broken = [
        None,
        5,
        {},
        {"sid": "SM1"},
        GOOD | {"sid": "SM2", "from": None},
        GOOD | {"sid": "SM3", "date_created": 9},
    ]
    Oddity.status, Oddity.answer = (
        200,
        json.dumps({"messages": [*broken, GOOD], "next_page_uri": None}).encode(),
    )
    settings = clinic.connector.settings.model_copy(update={"base_urls": {"twilio": odd_provider}})
    connector = replace(clinic.connector, settings=settings)
    assert fetch.fetch(clinic.database, connector, clinic.due(), sweep=True) == 7
    assert fetch.fetch(clinic.database, connector, clinic.due(), sweep=True) == 0
    assert bodies(everything(clinic.database, Message)) == ["A valid sibling"]
    assert len(everything(clinic.database, Unprocessed)) == 6


def test_a_broken_record_does_not_keep_the_ticks_of_the_others_back(
    clinic: Clinic, odd_provider: str
) -> None:
    receive(clinic, event("in", at=clock.now()))
    reply = queue(clinic, clinic.conversation_id())
    with clinic.database.transaction() as session:
        kept = session.get_one(Message, reply)
        kept.delivery, kept.provider_id, kept.claimed_at = Delivery.SENT, "SM77", clock.now()
    tick = GOOD | {"direction": "outbound-api", "status": "delivered", "error_code": None}
    broken = [{"sid": "SM1"}, tick | {"sid": "SM2", "date_created": None}, {"sid": ["SM3"]}]
    Oddity.status, Oddity.answer = 200, json.dumps({"messages": [*broken, tick]}).encode()
    settings = clinic.connector.settings.model_copy(update={"base_urls": {"twilio": odd_provider}})
    follow_receipts.follow(
        clinic.database, replace(clinic.connector, settings=settings), clinic.due(), sweep=True
    )
    assert message(clinic, reply).delivery is Delivery.DELIVERED


def test_a_list_that_points_to_itself_ends(clinic: Clinic, odd_provider: str) -> None:
    Oddity.status, Oddity.answer = (
        200,
        json.dumps({"messages": [GOOD], "next_page_uri": "/2010-04-01/Accounts/x.json?Page=1"}).encode(),
    )
    settings = clinic.connector.settings.model_copy(update={"base_urls": {"twilio": odd_provider}})
    connector = replace(clinic.connector, settings=settings)
    for work in (
        partial(fetch.fetch, clinic.database, connector, clinic.due(), sweep=True),
        partial(connector.channel(clinic.due()).receipts, clock.now()),
    ):
        with pytest.raises(ChannelError):
            work()
    assert bodies(everything(clinic.database, Message)) == ["A valid sibling"]


def test_the_next_page_is_asked_of_the_provider_only(clinic: Clinic, odd_provider: str) -> None:
    Oddity.status, Oddity.answer = (
        200,
        json.dumps({"messages": [], "next_page_uri": "@evil.example/steal"}).encode(),
    )
    settings = clinic.connector.settings.model_copy(update={"base_urls": {"twilio": odd_provider}})
    with pytest.raises(ChannelError):
        fetch.fetch(clinic.database, replace(clinic.connector, settings=settings), clinic.due(), sweep=True)


def test_a_history_that_is_imported_answers_nobody(clinic: Clinic) -> None:
    opened = clinic.conversation_with("And now?")
    clinic.sandbox.history([past("out", "Of course", ago=19), past("in", "Can I come?", ago=20)])
    with clinic.database.transaction() as session:
        draft = drafts.begin(session, opened, by=clinic.maria)
        seen = thread.get_thread(session, opened).newest_id
    start(clinic, 30)
    while step(clinic):
        pass
    with clinic.database.transaction() as session:
        sending = partial(
            draft_sending.send,
            session,
            opened,
            "Come at 4",
            by=clinic.maria,
            token=draft.token,
            seen_message_id=seen,
        )
        assert sending() is None


def test_what_twilio_does_not_list_is_no_blank_bubble(clinic: Clinic) -> None:
    clinic.sandbox.patient_writes(" ")
    clinic.fetch()
    [came] = everything(clinic.database, Message)
    assert "such as a location" in came.notice
    assert conversation(clinic, clinic.conversation_id()).preview == came.notice


def test_a_file_that_was_sent_before_the_connection_is_no_blank_bubble() -> None:
    listed = {
        "sid": "MM1", "direction": "outbound-api", "to": "whatsapp:+491510000001", "num_media": "1", "body": "",
        "status": "delivered", "date_sent": "Tue, 03 Mar 2026 09:00:00 +0000",
    }  # fmt: skip
    found = WhatsApp.read(listed)
    assert isinstance(found, Inbound)
    assert (found.files, found.notice) == ((), "A file was sent along. It is kept at Twilio only.")


def test_a_history_that_is_imported_closes_nothing_that_staff_have_opened(clinic: Clinic) -> None:
    now = clock.now()
    receive(clinic, event("SM2", at=now - days(20)), live=False)
    (opened,) = everything(clinic.database, Conversation)
    assert opened.status is ConversationStatus.RESOLVED
    set_status(clinic, opened.id, ConversationStatus.ACTIVE)
    with clinic.database.transaction() as session:
        begun = begin(session, clinic, Contact(phone_number="+491510000002"))
    older = [
        event(f"SM{number}", person=f"whatsapp:+49151000000{number}", at=now - days(21)) for number in (1, 2)
    ]
    receive(clinic, *older, live=False)
    for number in (opened.id, begun):
        found = conversation(clinic, number)
        assert (found.status, found.waiting_since) == (ConversationStatus.ACTIVE, None)
    assert_consistent(clinic.database)


def test_nobody_waits_for_an_answer_to_history_whatever_becomes_of_a_later_reply(clinic: Clinic) -> None:
    receive(clinic, event("SMold", at=clock.now() - days(100)), live=False)
    asked_at = clock.now()
    receive(clinic, event("SMnew", at=asked_at))
    receive(clinic, event("SMolder", at=asked_at - days(101)), live=False)
    (opened,) = everything(clinic.database, Conversation)
    reply = queue(clinic, opened.id)
    with clinic.database.transaction() as session:
        delivery_state.fail(session, session.get_one(Message, reply), "63003", "It failed.")
    assert conversation(clinic, opened.id).waiting_since == asked_at
    assert_consistent(clinic.database)
