"""What makes an open screen ask for its data anew."""

from collections.abc import Callable

from genko import clock, worker_leases
from genko.channels import accounts
from genko.channels.base import ChannelError, Trouble
from genko.channels.events import Unreadable
from genko.db import Session
from genko.leads import pipeline, records
from genko.leads.models import LeadSource, LeadStage
from genko.messages import conversations, outbox, set_aside, touches
from genko.messages.models import Priority, TouchKind
from genko.messages.touches import Whose
from genko.people import changes, deletion
from tests.factories import Clinic, add_patient
from tests.leads.people import add_lead


def _topics(clinic: Clinic, change: Callable[[Session], object]) -> set[str]:
    """The topics that a change in one transaction brings."""
    with clinic.database.reading() as session:
        before = changes.read_marks(session)
    with clinic.database.transaction() as session:
        change(session)
    with clinic.database.reading() as session:
        return changes.topics_of(before, changes.read_marks(session))


def test_nothing_is_told_while_nothing_changes(clinic: Clinic) -> None:
    clinic.conversation_with("Hello")
    assert _topics(clinic, lambda session: None) == set()


def test_a_message_names_its_conversation(clinic: Clinic) -> None:
    conversation_id = clinic.conversation_with("Hello")
    clinic.conversation_with("Another person", phone="+491510000002")

    def reply(session: Session) -> None:
        outbox.queue(session, conversation_id, "Good morning", by=clinic.maria, token="t")

    told = _topics(clinic, reply)
    assert {"conversations", f"conversation:{conversation_id}"} <= told
    assert not any(topic.startswith("conversation:") for topic in told - {f"conversation:{conversation_id}"})


def test_what_staff_set_names_its_conversation(clinic: Clinic) -> None:
    conversation_id = clinic.conversation_with("Hello")

    def raise_priority(session: Session) -> None:
        conversations.set_priority(session, conversation_id, Priority.HIGH, by=clinic.maria)

    assert f"conversation:{conversation_id}" in _topics(clinic, raise_priority)


def test_a_new_lead_names_itself(clinic: Clinic) -> None:
    with clinic.database.reading() as session:
        before = changes.read_marks(session)
    lead_id = add_lead(clinic, first_name="Ana")
    with clinic.database.reading() as session:
        told = changes.topics_of(before, changes.read_marks(session))
    assert {"leads", f"lead:{lead_id}"} <= told


def test_a_lead_that_is_moved_or_gone_is_told(clinic: Clinic) -> None:
    lead_ids = [add_lead(clinic, days_old=40 - number) for number in range(30)]

    def move(session: Session) -> None:
        pipeline.move(session, lead_ids[0], LeadStage.PROSPECT, by=clinic.maria)

    assert {"leads", f"lead:{lead_ids[0]}"} <= _topics(clinic, move)

    def delete(session: Session) -> None:
        deletion.delete_lead(session, lead_ids[1], by=clinic.maria)

    assert {"leads", f"lead:{lead_ids[1]}"} <= _topics(clinic, delete)


def test_a_touch_and_a_patients_record_name_the_patient(clinic: Clinic) -> None:
    with clinic.database.transaction() as session:
        patient_id = add_patient(session, by=clinic.maria, region="DE", first_name="Ana")

    def touch(session: Session) -> None:
        whose = Whose(patient_id=patient_id)
        touches.log_for(session, whose, TouchKind.CALL, clock.now(), "", by=clinic.maria)

    assert {"patients", f"patient:{patient_id}"} <= _topics(clinic, touch)


def test_an_account_in_trouble_and_an_unreadable_message_are_told(clinic: Clinic) -> None:
    wrong = ChannelError("Twilio did not accept the auth token.", Trouble.ACCOUNT)
    assert _topics(clinic, lambda session: accounts.note_failure(session, clinic.account_id, wrong)) == {
        "settings"
    }
    strange = Unreadable("SM1", {}, "It has no sender.")
    assert _topics(clinic, lambda session: set_aside.keep(session, clinic.account_id, strange)) == {
        "settings"
    }


def test_a_heartbeat_is_told_apart_from_what_screens_show(clinic: Clinic) -> None:
    assert _topics(clinic, lambda session: worker_leases.beat(session, "w", clock.now())) == {"worker"}


def test_of_more_changes_than_can_be_named_everything_is_told(clinic: Clinic) -> None:
    def many(session: Session) -> None:
        for number in range(50):
            phone_number = f"+4915200000{number:02}"
            records.add_lead(session, by=clinic.maria, source=LeadSource.WEBSITE, phone_number=phone_number)

    assert _topics(clinic, many) == {"everything"}
