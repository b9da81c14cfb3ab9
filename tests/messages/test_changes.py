"""Edits, unsent messages, reactions and seen marks: what staff see of them, and what survives."""

from datetime import timedelta

import pytest

from genko import clock
from genko.channels.base import Delivery
from genko.channels.events import Edit, Event, InboundFile, Reaction, Receipt, Seen, Unsend
from genko.messages import early_changes, files, search, thread
from genko.messages.change_models import EarlyChange
from genko.messages.models import FileContent, Message, MessageFile
from genko.messages.take_in import apply_kept_changes, take_in
from genko.messages.thread import ThreadMessage
from tests.factories import Clinic
from tests.steps import PERSON, T0, assert_consistent, conversation, event, everything

LATER = T0 + timedelta(minutes=5)


@pytest.fixture
def clinic(clinic: Clinic) -> Clinic:
    clinic.connected_at(T0)
    return clinic


def happens(clinic: Clinic, *events: Event) -> None:
    take_in(clinic.database, clinic.account_id, events)


def shown(clinic: Clinic) -> list[ThreadMessage]:
    with clinic.database.reading() as session:
        return thread.get_thread(session, clinic.conversation_id()).messages


def saying(clinic: Clinic, typed: str) -> list[int]:
    with clinic.database.reading() as session:
        found = search.messages_saying(session, typed, None)
        return [] if found is None else list(session.scalars(found))


def test_an_edited_message_shows_its_new_text_and_is_found_by_it(clinic: Clinic) -> None:
    happens(clinic, event("m1", "My left knee"))
    happens(clinic, Edit("m1", LATER, "My right knee"))
    [message] = shown(clinic)
    assert (message.body, message.edited) == ("My right knee", True)
    assert conversation(clinic, clinic.conversation_id()).preview == "My right knee"
    assert (len(saying(clinic, "right")), saying(clinic, "left")) == (1, [])
    assert_consistent(clinic.database)


def test_an_edit_without_a_text_changes_nothing(clinic: Clinic) -> None:
    happens(clinic, Edit("m1", LATER), event("m1", "Hello"), Edit("m1", LATER, "  "))
    [message] = shown(clinic)
    assert (message.body, message.edited) == ("Hello", False)


def test_an_unsent_message_leaves_a_mark_and_none_of_its_words_or_files(clinic: Clinic) -> None:
    happens(clinic, event("m1", "My secret", files=(InboundFile("m1/0"),)), Reaction("m1", LATER, "❤"))
    [file] = everything(clinic.database, MessageFile)
    with clinic.database.transaction() as session:
        files._store(session, file.id, b"picture")
    happens(clinic, Unsend("m1", LATER))
    happens(clinic, Edit("m1", LATER + timedelta(minutes=1), "My secret again"))
    [message] = shown(clinic)
    assert (message.body, message.unsent, message.edited, message.reactions) == ("", True, False, ())
    assert (
        message.notice == conversation(clinic, clinic.conversation_id()).preview == "This message was unsent."
    )
    assert everything(clinic.database, MessageFile) == everything(clinic.database, FileContent) == []
    assert saying(clinic, "secret") == []
    assert_consistent(clinic.database)


def test_a_file_whose_message_was_unsent_during_its_download_is_not_stored(clinic: Clinic) -> None:
    happens(clinic, event("m1", "", files=(InboundFile("m1/0"),)))
    [file] = everything(clinic.database, MessageFile)
    happens(clinic, Unsend("m1", LATER))
    with clinic.database.transaction() as session:
        files._store(session, file.id, b"picture")
    assert everything(clinic.database, FileContent) == []


def test_a_reaction_can_be_replaced_and_taken_back(clinic: Clinic) -> None:
    happens(clinic, event("m1"), Reaction("m1", LATER, "❤", PERSON), Reaction("m1", LATER, "👍"))
    assert shown(clinic)[0].reactions == ("👍", "❤")
    happens(clinic, Reaction("m1", LATER + timedelta(seconds=1), "", PERSON))
    happens(clinic, Reaction("m1", LATER, "😮", PERSON))  # older, listed late
    assert shown(clinic)[0].reactions == ("👍",)


def test_what_the_person_has_seen_is_read_and_what_failed_is_not(clinic: Clinic) -> None:
    def ours(provider_id: str, delivery: Delivery, minutes: int) -> Event:
        at = T0 + timedelta(minutes=minutes)
        return event(provider_id, provider_id, at=at, outbound=True, delivery=delivery)

    happens(
        clinic,
        ours("sent", Delivery.SENT, 1),
        ours("failed", Delivery.FAILED, 2),
        ours("new", Delivery.SENT, 9),
    )
    happens(clinic, Seen(PERSON, LATER))
    happens(clinic, Seen(PERSON, T0))  # older, delivered late
    assert [message.delivery for message in shown(clinic)] == [Delivery.READ, Delivery.FAILED, Delivery.SENT]
    happens(clinic, Receipt("sent", Delivery.FAILED, LATER))
    assert shown(clinic)[0].delivery is Delivery.FAILED


def test_changes_wait_for_their_message_and_go_once_it_is_here(clinic: Clinic) -> None:
    happens(clinic, Edit("m1", LATER, "Edited"), Reaction("m1", LATER, "❤", PERSON), Seen(PERSON, LATER))
    happens(clinic, Edit("m1", LATER, "Edited"))
    assert len(everything(clinic.database, EarlyChange)) == 3
    happens(clinic, event("m1", "Written first"))
    [message] = shown(clinic)
    assert (message.body, message.edited, message.reactions) == ("Edited", True, ("❤",))
    assert everything(clinic.database, EarlyChange) == []


def test_a_change_that_missed_its_message_by_a_moment_is_applied_by_the_worker(clinic: Clinic) -> None:
    happens(clinic, event("m1"))
    with clinic.database.transaction() as session:
        early_changes.keep(session, clinic.account_id, [Edit("m1", LATER, "Edited")])
    apply_kept_changes(clinic.database)
    assert [message.body for message in everything(clinic.database, Message)] == ["Edited"]


def test_changes_of_messages_that_never_come_in_are_forgotten(clinic: Clinic) -> None:
    happens(clinic, Edit("m1", LATER, "Edited"))
    with clinic.database.transaction() as session:
        early_changes.forget_old(session, clock.now() - timedelta(days=1))
    assert len(everything(clinic.database, EarlyChange)) == 1
    with clinic.database.transaction() as session:
        early_changes.forget_old(session, clock.now() + timedelta(days=1))
    assert everything(clinic.database, EarlyChange) == []
