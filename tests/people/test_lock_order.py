"""Changes of a person lock the conversations first, in the order of their ids, so that no two changes deadlock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.errors import Refused
from genko.leads.models import Lead
from genko.leads.records import LeadFields
from genko.messages import conversations
from genko.messages.models import Conversation
from genko.patients import records
from genko.patients.models import Patient
from genko.patients.records import PatientFields
from genko.people import conversion, deletion, edit_records, link_conversation, merging
from genko.people.models import Merge
from tests.factories import Clinic
from tests.people.records import lead, patient, talking
from tests.steps import everything, refused

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one lock


_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def waits_with_empty_hands(
    clinic: Clinic, hold: Callable[[Session], object], verb: Callable[[Session], object], for_: type
) -> None:
    """`verb` waits for what `hold` holds, and does not hold any row of `for_` meanwhile."""

    def run() -> None:
        with clinic.database.transaction() as session:
            verb(session)

    with ThreadPoolExecutor() as pool:
        with clinic.database.transaction() as session:
            hold(session)
            work = pool.submit(run)
            while not session.scalar(sa.text(_WAITING)):
                assert not work.done()
            session.execute(sa.select(for_).with_for_update(nowait=True))
        work.result()


def waits_for_the_conversation(
    clinic: Clinic, verb: Callable, *given: Any, at: int, for_: type, **more: Any
) -> None:
    waits_with_empty_hands(
        clinic,
        lambda session: conversations.lock(session, at),
        lambda session: verb(session, *given, by=clinic.maria, **more),
        for_,
    )


def test_editing_converting_and_deleting_a_lead_lock_the_conversation_first(clinic: Clinic) -> None:
    number = lead(clinic, phone="+4930901820")
    chat = talking(clinic, "instagram:77", lead_id=number)
    fields = LeadFields("Anna", phone_number="+4930901820")
    waits_for_the_conversation(clinic, edit_records.edit_lead, number, fields, at=chat, for_=Lead)
    waits_for_the_conversation(clinic, conversion.convert, number, at=chat, for_=Lead)
    waits_for_the_conversation(clinic, deletion.delete_lead, number, at=chat, for_=Lead)


def waits_for_the_lead_before_the_patient(clinic: Clinic, lead_id: int, verb: Callable, *given: Any) -> None:
    waits_with_empty_hands(
        clinic,
        lambda session: session.execute(sa.select(Lead).where(Lead.id == lead_id).with_for_update()),
        lambda session: verb(session, *given, by=clinic.ada),
        Patient,
    )


def test_merging_patients_and_undoing_it_locks_their_leads_first(clinic: Clinic) -> None:
    number, kept = lead(clinic, phone="+4930901820"), patient(clinic)
    with clinic.database.transaction() as session:
        gone = conversion.convert(session, number, by=clinic.maria).patient_id
    waits_for_the_lead_before_the_patient(clinic, number, merging.merge_patients, kept, gone, {})
    [merge] = everything(clinic.database, Merge)
    waits_for_the_lead_before_the_patient(clinic, number, merging.undo, merge.id)


def test_converting_waits_for_a_patient_who_is_being_added(clinic: Clinic) -> None:
    number = lead(clinic, phone="+4930901820")

    def convert() -> None:
        with clinic.database.transaction() as session:
            conversion.convert(session, number, by=clinic.maria)

    with ThreadPoolExecutor() as pool:
        with clinic.database.transaction() as session:
            fields = PatientFields("Ana", phone_number="+4930901820")
            records.add(session, fields, by=clinic.ada, region="DE")
            work = pool.submit(convert)
            while not session.scalar(sa.text(_WAITING)):
                assert not work.done()
        assert "exists already" in refused(work.result, Refused)
    assert len(everything(clinic.database, Patient)) == 1


def test_editing_a_patient_locks_the_conversation_first(clinic: Clinic) -> None:
    number = patient(clinic)
    chat = talking(clinic, "instagram:77", patient_id=number)
    fields = PatientFields("Anna")
    waits_for_the_conversation(
        clinic, edit_records.edit_patient, number, fields, region="DE", at=chat, for_=Patient
    )


@pytest.mark.parametrize("verb", [link_conversation.link_to_lead, link_conversation.link_to_patient])
def test_linking_locks_all_conversations_of_the_person_first(clinic: Clinic, verb: Callable) -> None:
    of_lead = verb is link_conversation.link_to_lead
    number = lead(clinic) if of_lead else patient(clinic)
    earlier = talking(clinic, "instagram:77", **{"lead_id" if of_lead else "patient_id": number})
    later = talking(clinic, "instagram:78")
    waits_for_the_conversation(clinic, verb, later, number, at=earlier, for_=Conversation)


@pytest.mark.parametrize("verb", [link_conversation.accept, link_conversation.not_a_lead])
def test_linking_a_sender_locks_the_sender_s_other_conversation_first(clinic: Clinic, verb: Callable) -> None:
    number = lead(clinic, accepted_at=None)
    earlier, later = (talking(clinic, f"instagram:{one}", lead_id=number) for one in (77, 78))
    waits_for_the_conversation(clinic, verb, later, at=earlier, for_=Conversation)
