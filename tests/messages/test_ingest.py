"""What providers hand over comes in once, to the right person, whatever it looks like."""

from datetime import timedelta
from functools import partial
from itertools import permutations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, phone
from genko.channels.base import Author, Delivery
from genko.channels.events import Inbound, InboundFile
from genko.channels.providers.whatsapp import WhatsApp
from genko.errors import NotAllowed, Refused
from genko.leads.models import Lead, LeadSource, LeadStage
from genko.leads.records import add_lead
from genko.messages import incoming, opt_out, take_in, unprocessed
from genko.messages.models import (
    Conversation,
    ConversationStatus,
    Identity,
    Message,
    MessageFile,
    Unprocessed,
)
from genko.patients.models import Patient
from tests.factories import Clinic, add_patient
from tests.steps import (
    PERSON,
    T0,
    assert_consistent,
    at_once,
    bodies,
    conversation,
    deliver,
    event,
    everything,
    queue,
    receive,
    refused,
    set_status,
)


def _add_ana(session: Session, number: str) -> int:
    ana = Patient(first_name="Ana", last_name="Díaz", phone=number, created_at=T0, changed_at=T0)
    session.add(ana)
    session.flush()
    return ana.id


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_a_message_that_is_listed_again_and_again_is_stored_once(clinic: Clinic) -> None:
    clinic.sandbox.patient_writes("Hello")
    clinic.sandbox.fault("duplicates")
    assert [clinic.fetch(), clinic.fetch(), clinic.fetch(sweep=True)] == [1, 0, 0]
    assert bodies(everything(clinic.database, Message)) == ["Hello"]
    assert_consistent(clinic.database)


def test_the_same_message_on_two_pages_and_twice_in_one_is_stored_once(clinic: Clinic) -> None:
    assert receive(clinic, event("a"), event("a"), event("b")) == 2
    assert receive(clinic, event("b"), event("c")) == 1
    assert conversation(clinic, clinic.conversation_id()).message_count == 3
    assert_consistent(clinic.database)


def test_the_same_provider_id_on_another_account_is_another_message(clinic: Clinic) -> None:
    from tests.factories import connect_account

    with clinic.database.transaction() as session:
        other = connect_account(session, clinic.connector, clinic.ada, sender="+4930901821")
        incoming.receive(session, clinic.account_id, [event("a")])
        incoming.receive(session, other, [event("a")])
    assert len(everything(clinic.database, Message)) == 2
    assert len(everything(clinic.database, Identity)) == 2
    assert_consistent(clinic.database)


def test_one_person_has_one_conversation_for_ever(clinic: Clinic) -> None:
    first = clinic.conversation_with("One")
    set_status(clinic, first, ConversationStatus.RESOLVED)
    assert clinic.conversation_with("Two") == first
    assert len(everything(clinic.database, Conversation)) == 1
    assert_consistent(clinic.database)


@pytest.mark.parametrize(
    ("known", "writes"),
    [
        ("+491510000001", "+491510000001"),
        ("+5511987654321", "+551187654321"),
        ("+551187654321", "+5511987654321"),
        ("+525512345678", "+5215512345678"),
        ("+5215512345678", "+525512345678"),
        ("+541112345678", "+5491112345678"),
        ("+5491112345678", "+541112345678"),
    ],
)
def test_a_patient_is_known_by_phone_in_each_countrys_spelling_and_answered_at_the_exact_id(
    clinic: Clinic, known: str, writes: str
) -> None:
    with clinic.database.transaction() as session:
        patient = _add_ana(session, known)
    opened = clinic.conversation_with(phone=writes)
    queue(clinic, opened)
    deliver(clinic)
    [identity] = everything(clinic.database, Identity)
    assert (identity.patient_id, identity.lead_id) == (patient, None)
    assert conversation(clinic, opened).name == "Ana Díaz"
    assert clinic.sandbox.messages()[-1]["to"] == f"whatsapp:{writes}"
    assert everything(clinic.database, Lead) == []


def test_a_patient_comes_before_a_lead_of_the_same_phone(clinic: Clinic) -> None:
    with clinic.database.transaction() as session:
        add_lead(
            session,
            by=clinic.maria,
            first_name="Old",
            last_name="Lead",
            phone_number="+491510000001",
            source=LeadSource.WEBSITE,
        )
        patient = add_patient(
            session, by=clinic.maria, region="DE", first_name="Ana", phone_number="+491510000001"
        )
    receive(clinic, event("a"))
    [identity] = everything(clinic.database, Identity)
    assert (identity.patient_id, identity.lead_id) == (patient, None)


def test_a_known_lead_is_found_by_phone(clinic: Clinic) -> None:
    with clinic.database.transaction() as session:
        lead = add_lead(
            session,
            by=clinic.maria,
            first_name="Ben",
            last_name="",
            phone_number="+491510000001",
            source=LeadSource.WEBSITE,
        )
    receive(clinic, event("a", profile_name="Benny"))
    [identity] = everything(clinic.database, Identity)
    [kept] = everything(clinic.database, Lead)
    assert (identity.lead_id, kept.name, kept.source) == (lead, "Ben", LeadSource.WEBSITE)
    assert conversation(clinic, clinic.conversation_id()).name == "Ben"


def test_somebody_unknown_becomes_a_new_lead(clinic: Clinic) -> None:
    receive(clinic, event("a", profile_name="Carla"))
    [lead] = everything(clinic.database, Lead)
    assert (lead.name, lead.phone, lead.stage, lead.source) == (
        "Carla",
        "+491510000001",
        LeadStage.LEAD,
        LeadSource.WHATSAPP,
    )
    assert lead.created_at == T0


def test_a_profile_name_that_comes_later_replaces_the_placeholder(clinic: Clinic) -> None:
    receive(clinic, event("a"))
    assert conversation(clinic, clinic.conversation_id()).name == phone.shown("+491510000001", "DE")
    receive(clinic, event("b", profile_name="Carla", at=T0 + minutes(1)))
    assert conversation(clinic, clinic.conversation_id()).name == "Carla"
    [lead] = everything(clinic.database, Lead)
    assert lead.name == "Carla"


def test_somebody_who_hides_the_phone_has_a_conversation_and_is_answered_at_that_id(clinic: Clinic) -> None:
    clinic.sandbox.patient_writes("Hello", phone="US.13491208655302741918")
    clinic.fetch()
    [identity] = everything(clinic.database, Identity)
    [opened] = everything(clinic.database, Conversation)
    assert (identity.external_id, identity.phone) == ("whatsapp:US.13491208655302741918", None)
    queue(clinic, opened.id)
    deliver(clinic)
    assert clinic.sandbox.messages()[-1]["to"] == "whatsapp:US.13491208655302741918"
    assert_consistent(clinic.database)


def test_two_people_who_hide_their_phones_are_two_leads(clinic: Clinic) -> None:
    receive(clinic, event("a", person="whatsapp:US.1"), event("b", person="whatsapp:US.2"))
    assert len(everything(clinic.database, Lead)) == 2


@pytest.mark.parametrize("status", [ConversationStatus.PENDING, ConversationStatus.RESOLVED])
def test_a_patients_message_reopens_the_conversation(clinic: Clinic, status: ConversationStatus) -> None:
    opened = clinic.conversation_with()
    set_status(clinic, opened, status)
    assert conversation(clinic, opened).waiting_since is None
    assert_consistent(clinic.database)
    receive(clinic, event("again", at=clock.now()))
    assert conversation(clinic, opened).status is ConversationStatus.ACTIVE
    assert conversation(clinic, opened).waiting_since is not None


def test_a_late_older_message_takes_its_place_and_still_waits(clinic: Clinic) -> None:
    receive(clinic, event("new", "Newer", at=T0 + minutes(10)))
    receive(clinic, event("old", "Older", at=T0))
    row = conversation(clinic, clinic.conversation_id())
    assert (row.preview, row.last_message_at, row.waiting_since, row.created_at) == (
        "Newer",
        T0 + minutes(10),
        T0,
        T0,
    )
    assert_consistent(clinic.database)


def test_a_message_older_than_our_reply_but_seen_after_it_waits_for_us(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    queue(clinic, opened)
    receive(clinic, event("late", at=clock.now() - minutes(5)))
    assert conversation(clinic, opened).waiting_since is not None
    assert_consistent(clinic.database)


def test_a_message_of_the_very_second_of_a_reply_written_elsewhere_still_waits(clinic: Clinic) -> None:
    reply = event("reply", at=T0 + minutes(1), outbound=True, delivery=Delivery.SENT)
    receive(clinic, event("again", at=T0 + minutes(1)), reply, event("asked"))  # the newest first
    assert conversation(clinic, clinic.conversation_id()).waiting_since == T0 + minutes(1)
    assert_consistent(clinic.database)


@pytest.mark.parametrize("order", list(permutations(["asked", "reply", "again"])))
@pytest.mark.parametrize(("delivery", "waits"), [(Delivery.SENT, 3), (Delivery.FAILED, 1)])
def test_a_reply_written_elsewhere_answers_what_was_written_before_it_whatever_is_listed_first(
    clinic: Clinic, order: tuple[str, ...], delivery: Delivery, waits: int
) -> None:
    written = {"asked": minutes(1), "reply": minutes(2), "again": minutes(3)}
    for name in order:
        ours = {"outbound": True, "delivery": delivery} if name == "reply" else {}
        receive(clinic, event(name, at=T0 + written[name], **ours))
    assert conversation(clinic, clinic.conversation_id()).waiting_since == T0 + minutes(waits)
    assert_consistent(clinic.database)


@pytest.mark.parametrize("order", [("stop", "start"), ("start", "stop")])
def test_stop_and_start_mean_the_same_in_any_order_of_arrival(clinic: Clinic, order: tuple[str, str]) -> None:
    said = {"stop": event("1", " STOP ", at=T0), "start": event("2", "Start", at=T0 + minutes(1))}
    for word in order:
        receive(clinic, said[word])
    [identity] = everything(clinic.database, Identity)
    assert not opt_out.is_opted_out(identity)
    receive(clinic, event("3", "stop", at=T0 + minutes(2)))
    [identity] = everything(clinic.database, Identity)
    assert opt_out.is_opted_out(identity)


def test_stop_inside_a_sentence_is_no_stop(clinic: Clinic) -> None:
    receive(clinic, event("1", "Please stop by later"))
    [identity] = everything(clinic.database, Identity)
    assert not opt_out.is_opted_out(identity)


HOSTILE = {
    "NUL": "before\x00after",
    "lone surrogate": "broken \ud83d emoji",
    "one megabyte": "word " * 210_000,
    "right to left": "\u202egnp.exe\u202c שלום مرحبا",
    "many lines": "x\n" * 100_000,
    "markup": "<script>alert(1)</script> ![x](https://evil.example/a.png) $\\LaTeX$",
    "only spaces": " \n\t ",
    "one long word": "w" * 300_000,
    "combining marks": "e" + "\u0301" * 5_000,
    "quotes": "'; DROP TABLE message; -- \" ' \\ :* & | ! ( )",
}


def test_any_text_is_stored(clinic: Clinic) -> None:
    page = [
        event(kind, words, person=f"whatsapp:US.{number}")
        for number, (kind, words) in enumerate(HOSTILE.items())
    ]
    assert receive(clinic, *page, event("b", "A valid sibling")) == len(HOSTILE) + 1
    kept = {one.provider_id: one.body for one in everything(clinic.database, Message)}
    changed = {"NUL": "beforeafter", "lone surrogate": "broken ? emoji"}
    assert kept == HOSTILE | changed | {"b": "A valid sibling"}
    assert_consistent(clinic.database)


def test_a_megabyte_with_a_nul_and_half_an_emoji_comes_in_over_the_wire(clinic: Clinic) -> None:
    clinic.sandbox.patient_writes("a\x00b" + "é" * 500_000)
    assert clinic.fetch() == 1
    [kept] = everything(clinic.database, Message)
    assert kept.body == "ab" + "é" * 500_000


def test_any_profile_name_is_taken(clinic: Clinic) -> None:
    names = ["Nul\x00a", "half \ud83d", "x" * 100_000, "<b>Bold</b>", "\u202eevil", "=HYPERLINK(1)", "", " "]
    for number, name in enumerate(names):
        person = f"whatsapp:US.{number}"
        assert receive(clinic, event(f"{number}", profile_name=name, person=person), event(f"{number}+")) == 2
        assert receive(clinic, event(f"{number}!", profile_name=name, person=person, at=T0 + minutes(1))) == 1
    assert_consistent(clinic.database)


def test_a_file_without_words_shows_as_a_file(clinic: Clinic) -> None:
    receive(clinic, event("a", "", files=(InboundFile("a/0"), InboundFile("a/1"))))
    assert conversation(clinic, clinic.conversation_id()).preview == "📎 File"
    assert len(everything(clinic.database, MessageFile)) == 2
    receive(clinic, event("a", "", files=(InboundFile("a/0"), InboundFile("a/1"))))
    assert len(everything(clinic.database, MessageFile)) == 2


def test_five_first_contacts_at_once_make_one_person_and_one_conversation(clinic: Clinic) -> None:
    at_once(*(partial(receive, clinic, event(f"m{number}", at=T0 + minutes(number))) for number in range(5)))
    assert len(everything(clinic.database, Identity)) == len(everything(clinic.database, Conversation)) == 1
    assert len(everything(clinic.database, Lead)) == 1
    assert len(everything(clinic.database, Message)) == 5
    assert_consistent(clinic.database)


def test_five_workers_that_take_in_the_same_page_store_it_once(clinic: Clinic) -> None:
    page = [
        event(f"m{number}", person=f"whatsapp:+49151000000{number % 7}", at=T0 + minutes(number % 4))
        for number in range(28)
    ]
    parts = [page, page[::-1], page[:14], page[10:], page[::3]]
    results = at_once(*(partial(receive, clinic, *part) for part in parts))
    assert sum(results) == 28
    assert len(everything(clinic.database, Conversation)) == 7
    assert_consistent(clinic.database)


def test_pages_that_overlap_do_not_lock_each_other_out(clinic: Clinic) -> None:
    """One transaction makes several people; another has made the second of them and waits for the first one's counts."""
    for number in range(10):
        a, b, c = (f"whatsapp:+4915111{number:03}{letter}" for letter in range(3))
        both = [event(f"{number}a", person=a), event(f"{number}b", person=b), event(f"{number}c", person=c)]
        at_once(
            partial(receive, clinic, *both),
            partial(receive, clinic, both[1]),
            partial(receive, clinic, both[2], both[0]),
        )
    assert len(everything(clinic.database, Message)) == 30
    assert_consistent(clinic.database)


RAW = {
    "sid": "SM1", "direction": "inbound", "from": PERSON, "to": "whatsapp:+4930901820", "body": "Hello",
    "date_sent": None, "date_created": "Mon, 02 Mar 2026 09:00:00 +0000", "num_media": "0", "status": "received",
}  # fmt: skip


BROKEN = [
    {"date_created": "yesterday"},
    {"date_created": None},
    {"date_created": "Fri, 31 Dec 9999 23:59:59 -1200"},
    {"from": None},
    {"from": 5},
    {"sid": {"a": 1}},
    {"num_media": "many"},
    {"direction": None, "sid": "SM\x00nul", "from": None},
    {"from": None, "body": "half \ud83d and \x00"},
]


def test_what_cannot_be_read_goes_into_the_tray_and_its_siblings_come_in(clinic: Clinic) -> None:
    broken = [RAW | {"sid": f"SM{number}"} | change for number, change in enumerate(BROKEN)]
    listed = [WhatsApp.read(record) for record in [*broken, None, 5, "text", [], {}, RAW | {"sid": "SM99"}]]
    assert _take_in(clinic, listed) == len(BROKEN) + 6
    assert _take_in(clinic, listed) == 0
    assert bodies(everything(clinic.database, Message)) == ["Hello"]
    with clinic.database.reading() as session:
        found = unprocessed.find_items(session)
    assert [one.account for one in found] == ["Front desk"] * (len(BROKEN) + 5)


def test_a_retry_of_what_is_still_not_understood_leaves_it_there(clinic: Clinic) -> None:
    _take_in(clinic, [WhatsApp.read(RAW | {"from": None})])
    [item] = everything(clinic.database, Unprocessed)
    assert "stays here" in refused(partial(_retry, clinic, item.id), Refused)
    with clinic.database.reading() as session:
        assert len(unprocessed.find_items(session)) == 1


def test_a_retry_takes_in_what_a_newer_program_understands(clinic: Clinic) -> None:
    _take_in(clinic, [WhatsApp.read(RAW | {"from": None})])
    [item] = everything(clinic.database, Unprocessed)
    with clinic.database.transaction() as session:
        session.execute(sa.update(Unprocessed).values(raw=RAW))
    _retry(clinic, item.id)
    _retry(clinic, item.id)
    assert bodies(everything(clinic.database, Message)) == ["Hello"]
    with clinic.database.reading() as session:
        assert unprocessed.find_items(session) == []
    assert [one.raw for one in everything(clinic.database, Unprocessed)] == [{}]  # nothing is kept twice
    assert_consistent(clinic.database)


def test_what_the_provider_lists_right_the_next_time_comes_in_and_leaves_the_tray(clinic: Clinic) -> None:
    _take_in(clinic, [WhatsApp.read(RAW | {"from": None})])
    assert _take_in(clinic, [WhatsApp.read(RAW)]) == 1
    assert bodies(everything(clinic.database, Message)) == ["Hello"]
    with clinic.database.reading() as session:
        assert unprocessed.find_items(session) == []
    assert [one.raw for one in everything(clinic.database, Unprocessed)] == [{}]  # nothing is kept twice


def test_a_viewer_cannot_retry(clinic: Clinic) -> None:
    _take_in(clinic, [WhatsApp.read(RAW | {"from": None})])
    [item] = everything(clinic.database, Unprocessed)
    with clinic.database.transaction() as session, pytest.raises(NotAllowed):
        unprocessed.retry(session, item.id, by=clinic.vic)


def _take_in(clinic: Clinic, listed: list) -> int:
    clinic.connected_at(T0)
    return take_in.take_in(clinic.database, clinic.account_id, listed)


def _retry(clinic: Clinic, item_id: int) -> None:
    with clinic.database.transaction() as session:
        unprocessed.retry(session, item_id, by=clinic.maria)


def test_a_name_that_is_learned_shows_in_all_conversations_of_the_lead(clinic: Clinic) -> None:
    spellings = "whatsapp:+5511987654321", "whatsapp:+551187654321"
    for number, person in enumerate(spellings):
        receive(clinic, event(f"SM{number}", person=person, profile_name="Ana"))
    receive(clinic, event("SM9", person=spellings[0], profile_name="Ana Souza"))
    assert [one.name for one in everything(clinic.database, Conversation)] == ["Ana Souza", "Ana Souza"]


@pytest.mark.parametrize(
    ("direction", "author"),
    [
        ("inbound", Author.PATIENT),
        ("outbound-api", Author.OTHER_TOOL),
        ("outbound-reply", Author.AUTOMATIC),  # Twilio's name for what an autoresponder says
    ],
)
def test_twilio_says_who_wrote_a_message(direction: str, author: Author) -> None:
    read = WhatsApp.read(RAW | {"direction": direction, "status": "sent"})
    assert isinstance(read, Inbound)
    assert read.author is author
