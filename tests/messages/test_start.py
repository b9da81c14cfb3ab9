"""New conversation: with somebody new, with somebody known, and with nobody else."""

from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.channels.models import ChannelAccount
from genko.errors import Refused
from genko.leads.models import Lead, LeadSource
from genko.leads.records import add_lead
from genko.messages import incoming, new_conversation
from genko.messages.models import Conversation, ConversationStatus, Identity, Priority
from genko.messages.new_conversation import Contact
from tests.factories import Clinic, add_patient
from tests.sandbox_client import SENDER
from tests.steps import (
    assert_consistent,
    begin,
    conversation,
    event,
    everything,
    overtaken,
    receive,
    refused,
    set_status,
)


def begin_by_phone(clinic: Clinic, phone: str) -> int:
    return begin_with(clinic, Contact(phone_number=phone))


def begin_with(clinic: Clinic, contact: Contact) -> int:
    with clinic.database.transaction() as session:
        return begin(session, clinic, contact)


def test_a_new_one_begins_with_the_chosen_priority_and_ai_switch(clinic: Clinic) -> None:
    opened = conversation(clinic, begin_by_phone(clinic, "+491510000009"))
    assert (opened.priority, opened.ai_enabled) == (Priority.HIGH, False)


def test_one_that_exists_is_reopened_and_keeps_its_priority_and_ai_switch(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    with clinic.database.transaction() as session:
        row = session.get_one(Conversation, opened)
        row.priority, row.ai_enabled = Priority.LOW, True
    set_status(clinic, opened, ConversationStatus.RESOLVED)
    assert begin_by_phone(clinic, "+491510000001") == opened
    row = conversation(clinic, opened)
    assert (row.status, row.priority, row.ai_enabled) == (ConversationStatus.ACTIVE, Priority.LOW, True)
    assert_consistent(clinic.database)


def test_a_name_that_is_typed_for_somebody_known_is_refused_and_never_dropped(clinic: Clinic) -> None:
    clinic.conversation_with(phone="+5511987654321")
    with clinic.database.transaction() as session:
        session.execute(sa.update(Lead).values(first_name="Ana", phone=None))
        session.execute(sa.update(Conversation).values(name="Ana"))
        add_patient(session, by=clinic.maria, region="DE", first_name="Bea", phone_number="+491510000002")
        add_lead(session, by=clinic.maria, source=LeadSource.WEBSITE, phone_number="+491510000003")
    people = {
        "+551187654321": "Ana",  # the same mobile, spelled the old way
        "+491510000002": "Bea",
        "+491510000003": "a lead without a name",
        "+491510000004": None,
    }
    with clinic.database.reading() as session:
        for number, name in people.items():
            assert new_conversation.find_owner(session, clinic.account_id, number) == name
    for number in list(people)[:3]:
        typed = partial(begin_with, clinic, Contact(phone_number=number, first_name="Dora"))
        assert "belongs to somebody" in refused(typed, Refused)
    assert len(everything(clinic.database, Conversation)) == 1


def test_an_address_of_nobody_becomes_that_of_whoever_was_chosen(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    with clinic.database.transaction() as session:
        session.execute(sa.delete(Lead))
        session.execute(sa.update(Identity).values(lead_id=None, not_a_lead=True))
        ana, bea = (
            add_patient(session, by=clinic.maria, region="DE", first_name=name, phone_number="+491510000001")
            for name in ("Ana", "Bea")
        )
    assert begin_by_phone(clinic, "+491510000001") == opened
    assert everything(clinic.database, Identity)[0].patient_id is None
    for chosen in (ana, bea):  # the second finds it Ana's
        assert begin_with(clinic, Contact(patient_id=chosen)) == opened
    [address] = everything(clinic.database, Identity)
    assert (address.patient_id, address.lead_id, address.not_a_lead) == (ana, None, False)
    assert conversation(clinic, opened).name == "Ana"


@pytest.mark.parametrize(
    ("sender", "typed"),
    [(SENDER, SENDER), ("+5511987654321", "+551187654321"), ("+5215512345678", "+525512345678")],
)
def test_our_own_number_is_nobody_to_write_to(clinic: Clinic, sender: str, typed: str) -> None:
    with clinic.database.transaction() as session:
        session.get_one(ChannelAccount, clinic.account_id).external_id = f"whatsapp:{sender}"
    assert "itself" in refused(partial(begin_by_phone, clinic, typed), Refused)
    assert everything(clinic.database, Lead) == everything(clinic.database, Identity) == []


def test_somebody_who_writes_in_the_very_moment_they_are_written_to_is_one_person(clinic: Clinic) -> None:
    number = "+491510000009"

    def written(session: Session) -> None:
        incoming.receive(session, clinic.account_id, [event("a", person=f"whatsapp:{number}")])

    def begun(session: Session) -> None:
        begin(session, clinic, Contact(phone_number=number))

    overtaken(clinic.database, written, begun)
    assert [len(everything(clinic.database, table)) for table in (Identity, Conversation, Lead)] == [1, 1, 1]
    assert_consistent(clinic.database)


def test_a_patient_who_writes_under_another_spelling_of_the_number_meets_what_was_begun(
    clinic: Clinic,
) -> None:
    begun = begin_by_phone(clinic, "+525512345678")
    receive(clinic, event("SM1", person="whatsapp:+5215512345678"))
    (opened,) = everything(clinic.database, Conversation)
    assert (opened.id, opened.priority, opened.message_count) == (begun, Priority.HIGH, 1)
    (identity,) = everything(clinic.database, Identity)
    assert (identity.external_id, identity.phone) == ("whatsapp:+5215512345678", "+5215512345678")
    receive(clinic, event("SM2", person="whatsapp:+525512345678"))  # a spelling in use stays its owner's
    assert len(everything(clinic.database, Conversation)) == 2
    assert_consistent(clinic.database)


def test_one_that_the_patient_reopens_while_staff_do_is_counted_once(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    set_status(clinic, opened, ConversationStatus.RESOLVED)

    def writes(session: Session) -> None:
        incoming.receive(session, clinic.account_id, [event("SMnew", at=clock.now())])

    def begins(session: Session) -> None:
        begin(session, clinic, Contact(phone_number="+491510000001"))

    overtaken(clinic.database, writes, begins)
    assert_consistent(clinic.database)


def test_who_writes_to_another_account_is_found_there(clinic: Clinic) -> None:
    there = clinic.conversation_with(phone="+5511987654321")
    with clinic.database.transaction() as session:
        patient = add_patient(
            session, by=clinic.maria, region="BR", first_name="Ana", phone_number="+55 11 98765-4321"
        )
        silent = add_patient(session, by=clinic.maria, region="DE", first_name="Silent")
        [lead] = session.scalars(sa.select(Lead.id))
        for contact in (
            Contact(phone_number="+551187654321"),
            Contact(lead_id=lead),
            Contact(patient_id=patient),
        ):
            [talk] = new_conversation.find_talks(session, contact)
            assert (talk.conversation_id, talk.account_id) == (there, 1)
        assert new_conversation.find_talks(session, Contact(patient_id=silent)) == []
        session.get_one(Lead, lead).phone = "+491510000099"
        session.flush()
        [talk] = new_conversation.find_talks(session, Contact(lead_id=lead))
        assert (talk.conversation_id, talk.by_phone) == (there, False)
        session.get_one(ChannelAccount, 1).removed_at = clock.now()
        session.flush()
        assert new_conversation.find_talks(session, Contact(lead_id=lead)) == []
