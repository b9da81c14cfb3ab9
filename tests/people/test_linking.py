"""Whose conversation it is: what staff make of a new sender."""

from collections.abc import Callable
from typing import Any

import pytest

from genko import clock
from genko.access.models import AuditEntry
from genko.channels.base import Delivery
from genko.errors import NotAllowed, NotFound, Refused
from genko.leads import bulk
from genko.leads.models import Lead
from genko.messages import conversation_head
from genko.messages.models import Identity, Touch
from genko.messages.same_person import Owner
from genko.people import conversion, deletion, link_conversation
from tests.factories import Clinic
from tests.people.records import lead, patient, talking, touch
from tests.steps import at_once, conversation, event, everything, receive, refused

SENDER = "whatsapp:+4930901820"


def stranger(clinic: Clinic, body: str = "Hello", provider_id: str = "1") -> int:
    receive(clinic, event(provider_id, body, person=SENDER, profile_name="Bea W."))
    return clinic.conversation_id("+4930901820")


def do(clinic: Clinic, verb: Callable, *given: Any, by: int | None = None, **more: Any) -> None:
    with clinic.database.transaction() as session:
        verb(session, *given, by=by or clinic.maria, **more)


def identity(clinic: Clinic) -> Identity:
    [only] = everything(clinic.database, Identity)
    return only


def test_an_accepted_lead_has_been_looked_at_and_may_get_a_name(clinic: Clinic) -> None:
    chat = stranger(clinic)
    assert everything(clinic.database, Lead)[0].accepted_at is None
    do(clinic, link_conversation.accept, chat, first_name=" Beatrix ", last_name="Weiß")
    [kept] = everything(clinic.database, Lead)
    assert (kept.name, kept.name_typed) == ("Beatrix Weiß", True)
    assert conversation(clinic, chat).name == "Beatrix Weiß"
    since = kept.accepted_at
    do(clinic, link_conversation.accept, chat)
    assert everything(clinic.database, Lead)[0].accepted_at == since
    receive(clinic, event("2", person=SENDER, profile_name="Queen B"))
    assert conversation(clinic, chat).name == "Beatrix Weiß"


def test_a_sender_who_is_a_patient_leaves_no_lead_behind(clinic: Clinic) -> None:
    chat, person = stranger(clinic), patient(clinic)
    touch(clinic, "Rang back", lead_id=everything(clinic.database, Lead)[0].id)
    at_once(*[lambda: do(clinic, link_conversation.link_to_patient, chat, person)] * 5)
    assert everything(clinic.database, Lead) == []
    assert (identity(clinic).patient_id, identity(clinic).lead_id) == (person, None)
    assert everything(clinic.database, Touch)[0].patient_id == person
    assert conversation(clinic, chat).name == "Ana Díaz"


def test_a_conversation_can_be_linked_to_a_known_lead(clinic: Clinic) -> None:
    chat, known = stranger(clinic), lead(clinic)
    do(clinic, link_conversation.link_to_lead, chat, known)
    assert [one.id for one in everything(clinic.database, Lead)] == [known]
    assert identity(clinic).lead_id == known
    assert conversation(clinic, chat).name == "Ana Díaz"


def test_a_lead_that_has_become_a_patient_brings_the_patient_along(clinic: Clinic) -> None:
    chat, known = stranger(clinic), lead(clinic, phone="+4930901821")
    with clinic.database.transaction() as session:
        made = conversion.convert(session, known, by=clinic.maria)
    do(clinic, link_conversation.link_to_lead, chat, known)
    assert (identity(clinic).patient_id, identity(clinic).lead_id) == (made.patient_id, known)


def test_a_lead_with_something_of_its_own_stays_when_an_address_goes(clinic: Clinic) -> None:
    chat, person = stranger(clinic), patient(clinic)
    [auto] = everything(clinic.database, Lead)
    talking(clinic, "instagram:77", lead_id=auto.id)
    do(clinic, link_conversation.link_to_patient, chat, person)
    assert [one.id for one in everything(clinic.database, Lead)] == [auto.id]
    known = lead(clinic, "Kept")
    other = talking(clinic, "instagram:78", lead_id=known)
    do(clinic, link_conversation.link_to_patient, other, person)
    assert [one.id for one in everything(clinic.database, Lead)] == [auto.id, known]


def give(clinic: Clinic, what: str, lead_id: int) -> None:
    with clinic.database.transaction() as session:
        if what == "tags":
            bulk.tag_leads(session, [lead_id], ["vip"], by=clinic.maria)
        elif what == "notes":
            session.get_one(Lead, lead_id).notes = "Afraid of needles"
    if what == "touch":
        touch(clinic, "Rang back", lead_id=lead_id)


@pytest.mark.parametrize("what", ["touch", "tags", "notes"])
def test_what_staff_wrote_about_a_new_sender_is_never_deleted(clinic: Clinic, what: str) -> None:
    chat = stranger(clinic)
    [auto] = everything(clinic.database, Lead)
    give(clinic, what, auto.id)
    do(clinic, link_conversation.not_a_lead, chat)
    assert [one.id for one in everything(clinic.database, Lead)] == [auto.id]
    assert len(everything(clinic.database, Touch)) == (what == "touch")
    assert (identity(clinic).lead_id, identity(clinic).not_a_lead) == (None, True)


@pytest.mark.parametrize("what", ["tags", "notes"])
def test_a_lead_with_tags_or_notes_stays_when_its_sender_is_linked(clinic: Clinic, what: str) -> None:
    chat, person = stranger(clinic), patient(clinic)
    [auto] = everything(clinic.database, Lead)
    give(clinic, what, auto.id)
    do(clinic, link_conversation.link_to_patient, chat, person)
    assert [one.id for one in everything(clinic.database, Lead)] == [auto.id]
    assert identity(clinic).patient_id == person


def test_staff_are_not_asked_again_about_a_sender_who_is_no_lead(clinic: Clinic) -> None:
    chat = stranger(clinic)
    at_once(*[lambda: do(clinic, link_conversation.not_a_lead, chat)] * 5)
    assert everything(clinic.database, Lead) == []
    assert identity(clinic).not_a_lead
    assert conversation(clinic, chat).name == "Bea W."
    stranger(clinic, "Your delivery is here", "2")
    assert everything(clinic.database, Lead) == []
    assert identity(clinic).not_a_lead
    do(clinic, link_conversation.link_to_patient, chat, patient(clinic))
    assert not identity(clinic).not_a_lead


def test_a_wrong_link_can_be_corrected(clinic: Clinic) -> None:
    chat, ana, bea = stranger(clinic), patient(clinic), lead(clinic, "Bea")
    do(clinic, link_conversation.link_to_patient, chat, ana)
    do(clinic, link_conversation.link_to_lead, chat, bea, expected=Owner(ana, None))
    assert (identity(clinic).patient_id, identity(clinic).lead_id) == (None, bea)
    with clinic.database.transaction() as session:
        deletion.delete_lead(session, bea, by=clinic.maria)
    do(clinic, link_conversation.link_to_patient, chat, ana, expected=Owner(None, None))
    assert conversation(clinic, chat).name == "Ana Díaz"


def test_the_second_of_two_screens_that_link_a_conversation_is_refused(clinic: Clinic) -> None:
    chat, ana, bea, cleo = stranger(clinic), patient(clinic), patient(clinic, "Bea"), lead(clinic, "Cleo")
    seen = Owner(None, identity(clinic).lead_id)
    do(clinic, link_conversation.link_to_patient, chat, ana, expected=seen)
    do(clinic, link_conversation.link_to_patient, chat, ana, expected=seen)
    for verb, other in ((link_conversation.link_to_patient, bea), (link_conversation.link_to_lead, cleo)):
        said = refused(lambda verb=verb, other=other: do(clinic, verb, chat, other, expected=seen), Refused)
        assert "Somebody else has changed" in said
    assert identity(clinic).patient_id == ana


def test_what_cannot_be_said_of_a_sender_is_refused(clinic: Clinic) -> None:
    chat = stranger(clinic)
    refused(lambda: do(clinic, link_conversation.accept, chat, by=clinic.vic), NotAllowed)
    refused(lambda: do(clinic, link_conversation.link_to_patient, chat, 99), NotFound)
    refused(lambda: do(clinic, link_conversation.link_to_lead, chat, 99), NotFound)
    do(clinic, link_conversation.accept, chat)
    assert "Delete it instead" in refused(lambda: do(clinic, link_conversation.not_a_lead, chat), Refused)
    do(clinic, link_conversation.link_to_patient, chat, patient(clinic))
    assert "belongs to a patient" in refused(lambda: do(clinic, link_conversation.not_a_lead, chat), Refused)
    assert "no lead any more" in refused(lambda: do(clinic, link_conversation.accept, chat), Refused)


def test_a_sender_who_was_no_lead_can_be_accepted_later(clinic: Clinic) -> None:
    chat = stranger(clinic)
    [auto] = everything(clinic.database, Lead)
    do(clinic, link_conversation.not_a_lead, chat)
    do(clinic, link_conversation.accept, chat, first_name="Beatrix")
    [made] = everything(clinic.database, Lead)
    assert made.id != auto.id
    assert (made.name, made.accepted_at is None, made.created_at) == ("Beatrix", False, auto.created_at)
    assert (identity(clinic).lead_id, identity(clinic).not_a_lead) == (made.id, False)
    assert conversation(clinic, chat).name == "Beatrix"


def test_accepting_a_sender_who_is_a_patient_by_now_links_the_patient(clinic: Clinic) -> None:
    chat = stranger(clinic)
    [auto] = everything(clinic.database, Lead)
    do(clinic, link_conversation.not_a_lead, chat)
    person = patient(clinic, phone_number=auto.phone)
    do(clinic, link_conversation.accept, chat)
    assert everything(clinic.database, Lead) == []
    assert (identity(clinic).patient_id, conversation(clinic, chat).name) == (person, "Ana Díaz")


def of_leads(clinic: Clinic) -> list[tuple]:
    entries = everything(clinic.database, AuditEntry)
    return [
        (one.action, one.subject_id, one.detail, one.staff_id)
        for one in entries
        if one.subject_kind == "lead"
    ]


def test_deleting_a_lead_with_its_only_conversation_is_audited(clinic: Clinic) -> None:
    chat, person = stranger(clinic), patient(clinic)
    [auto] = everything(clinic.database, Lead)
    do(clinic, link_conversation.link_to_patient, chat, person)
    assert of_leads(clinic) == [("lead:delete", auto.id, "linked", clinic.maria)]
    receive(clinic, event("2", person="whatsapp:+4930901821"))
    [auto] = everything(clinic.database, Lead)
    do(clinic, link_conversation.not_a_lead, clinic.conversation_id("+4930901821"))
    assert of_leads(clinic)[1:] == [("lead:delete", auto.id, "not a lead", clinic.maria)]


def test_a_new_name_for_an_accepted_lead_is_audited(clinic: Clinic) -> None:
    chat = stranger(clinic)
    [auto] = everything(clinic.database, Lead)
    for _ in range(2):
        do(clinic, link_conversation.accept, chat)
        do(clinic, link_conversation.accept, chat, first_name="Beatrix")
    said = [(one[0], one[1]) for one in of_leads(clinic)]
    assert said == [("lead:accept", auto.id), ("lead:edit", auto.id)]


def test_a_person_whose_lead_was_deleted_becomes_a_new_lead_when_they_write_again(clinic: Clinic) -> None:
    chat = stranger(clinic)
    [first] = everything(clinic.database, Lead)
    do(clinic, deletion.delete_lead, first.id)
    stranger(clinic)  # the same page once more
    receive(clinic, event("0", person=SENDER), live=False)
    receive(clinic, event("3", person=SENDER, outbound=True, delivery=Delivery.SENT))
    assert everything(clinic.database, Lead) == []
    stranger(clinic, "Are you there?", "2")
    [again] = everything(clinic.database, Lead)
    assert again.id != first.id
    assert (again.name, again.accepted_at, identity(clinic).lead_id) == ("Bea W.", None, again.id)
    with clinic.database.reading() as session:
        head = conversation_head.get_head(session, chat, by=clinic.maria, at=clock.now(), region="DE")
    assert head.new_sender


def test_a_person_whose_lead_was_deleted_is_matched_to_a_patient_when_they_write_again(
    clinic: Clinic,
) -> None:
    chat = stranger(clinic)
    do(clinic, deletion.delete_lead, everything(clinic.database, Lead)[0].id)
    person = patient(clinic, phone_number="030 901820")
    stranger(clinic, "Are you there?", "2")
    assert (identity(clinic).patient_id, everything(clinic.database, Lead)) == (person, [])
    assert conversation(clinic, chat).name == "Ana Díaz"


def test_the_message_button_opens_the_newest_conversation_of_a_lead(clinic: Clinic) -> None:
    chat = stranger(clinic)
    [auto] = everything(clinic.database, Lead)
    with clinic.database.reading() as session:
        assert link_conversation.conversation_of_lead(session, auto.id) == chat
        assert link_conversation.conversation_of_lead(session, lead(clinic)) is None
