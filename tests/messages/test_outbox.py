"""Sending as staff see it: one click is one message, and what cannot go says why."""

from datetime import timedelta
from functools import partial
from threading import Thread

import pytest
import sqlalchemy as sa

from genko import clock
from genko.channels import accounts, test_connection
from genko.channels.base import ChannelError, Delivery, Trouble
from genko.channels.models import ChannelAccount, Health
from genko.errors import NotAllowed, NotFound, Refused
from genko.messages import drafts, incoming, outbox, retry_failed
from genko.messages.models import ConversationStatus, Message
from genko.messages.new_conversation import Contact
from genko.messages.unsendable import fail_overdue
from tests.factories import Clinic
from tests.sandbox_client import SENDER, SID
from tests.steps import (
    Travel,
    account,
    assert_consistent,
    at_once,
    begin,
    conversation,
    deliver,
    event,
    everything,
    message,
    overtaken,
    queue,
    receive,
    refused,
    set_status,
)


def ours(clinic: Clinic) -> list[Message]:
    return [one for one in everything(clinic.database, Message) if one.client_token]


def test_a_reply_is_a_row_and_ends_the_waiting(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    sent = queue(clinic, opened, "Of course!")
    row = conversation(clinic, opened)
    assert message(clinic, sent).delivery is Delivery.QUEUED
    assert (row.preview, row.message_count, row.waiting_since) == ("Of course!", 2, None)
    assert clinic.sandbox.counters()["creates"] == []
    assert_consistent(clinic.database)


def test_a_double_click_is_one_message_and_one_call(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    assert queue(clinic, opened, token="one click") == queue(clinic, opened, token="one click")
    deliver(clinic)
    assert queue(clinic, opened, token="one click") == ours(clinic)[0].id
    deliver(clinic)
    assert clinic.sandbox.creates("Of course!") == 1
    assert_consistent(clinic.database)


def test_clicks_from_five_threads_are_one_message(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    found = at_once(*[partial(queue, clinic, opened, token="one click")] * 5)
    assert len(set(found)) == len(ours(clinic)) == 1
    assert_consistent(clinic.database)


def test_two_tabs_of_one_person_share_a_token_and_send_once(clinic: Clinic) -> None:
    opened = clinic.conversation_with()

    def tab() -> int:
        with clinic.database.transaction() as session:
            draft = drafts.begin(session, opened, by=clinic.maria)
        sent = queue(clinic, opened, token=draft.token)
        with clinic.database.transaction() as session:
            drafts.finish(session, opened, by=clinic.maria, token=draft.token, body="Reply")
        return sent

    with clinic.database.transaction() as session:
        first = drafts.begin(session, opened, by=clinic.maria)
        second = drafts.begin(session, opened, by=clinic.maria)
    assert first.token == second.token
    at_once(
        partial(queue, clinic, opened, token=first.token), partial(queue, clinic, opened, token=second.token)
    )
    assert len(ours(clinic)) == 1
    assert tab() == ours(clinic)[0].id
    with clinic.database.reading() as session:
        assert drafts.find(session, opened, by=clinic.maria).token != first.token


def test_a_token_of_another_conversation_is_refused(clinic: Clinic) -> None:
    first, second = clinic.conversation_with(), clinic.conversation_with(phone="+491510000002")
    queue(clinic, first, token="t")
    assert "another conversation" in refused(partial(queue, clinic, second, token="t"), Refused)
    assert conversation(clinic, second).message_count == 1


def test_a_viewer_cannot_send(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    refused(partial(queue, clinic, opened, by=clinic.vic), NotAllowed)
    assert ours(clinic) == []


def test_a_conversation_that_does_not_exist_takes_nothing(clinic: Clinic) -> None:
    refused(partial(queue, clinic, 999), NotFound)


@pytest.mark.parametrize("nothing", ["", "  \n ", "\x00"])
def test_nothing_is_not_sent(clinic: Clinic, nothing: str) -> None:
    assert "Type a message" in refused(
        partial(queue, clinic, clinic.conversation_with(), nothing, token="t"), Refused
    )


def test_a_text_at_the_limit_goes_and_one_over_it_says_by_how_much(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    assert "1,601" in refused(partial(queue, clinic, opened, "x" * 1601), Refused)
    queue(clinic, opened, "ü" * 1600)
    assert deliver(clinic) == 1
    assert clinic.sandbox.creates("ü" * 1600) == 1


def test_at_exactly_24_hours_the_window_is_closed(clinic: Clinic, travel: Travel) -> None:
    written = clock.now().replace(microsecond=0)
    receive(clinic, event("a", at=written))
    opened = clinic.conversation_id()
    travel.stop(written + timedelta(hours=24) - timedelta(microseconds=1))
    queue(clinic, opened, "Just in time")
    travel.stop(written + timedelta(hours=24))
    assert "24-hour" in refused(partial(queue, clinic, opened, "Too late"), Refused)
    assert [one.body for one in ours(clinic)] == ["Just in time"]


def test_a_reply_does_not_lengthen_the_window(clinic: Clinic, travel: Travel) -> None:
    opened = clinic.conversation_with()
    travel.forward(hours=23)
    queue(clinic, opened, "Late")
    travel.forward(hours=2)
    assert "24-hour" in refused(partial(queue, clinic, opened, "Later"), Refused)


def test_somebody_who_never_wrote_needs_a_template(clinic: Clinic) -> None:
    with clinic.database.transaction() as session:
        opened = begin(session, clinic, Contact(phone_number="+491510000009"))
    assert "template" in refused(partial(queue, clinic, opened), Refused)


def test_somebody_who_said_stop_gets_nothing_until_start(clinic: Clinic) -> None:
    opened = clinic.conversation_with("STOP")
    assert "STOP" in refused(partial(queue, clinic, opened), Refused)
    receive(clinic, event("start", "START", at=clock.now() + timedelta(seconds=1)))
    queue(clinic, opened)


def test_a_broken_account_takes_nothing_new_and_says_why(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    with clinic.database.transaction() as session:
        accounts.note_failure(
            session, clinic.account_id, ChannelError("The token is wrong.", Trouble.ACCOUNT)
        )
    sentence = refused(partial(queue, clinic, opened), Refused)
    assert "Front desk cannot send: The token is wrong." in sentence


def test_a_removed_account_takes_nothing_and_what_waited_fails_visibly_once(clinic: Clinic) -> None:
    from genko.messages.unsendable import fail_stranded

    opened = clinic.conversation_with()
    waiting = queue(clinic, opened)
    with clinic.database.transaction() as session:
        accounts.remove(session, clinic.account_id, by=clinic.ada)
    assert "no longer connected" in refused(partial(queue, clinic, opened, "More"), Refused)
    overtaken(clinic.database, fail_stranded, fail_stranded)
    assert message(clinic, waiting).delivery is Delivery.FAILED
    assert "no longer connected" in message(clinic, waiting).problem
    assert conversation(clinic, opened).failed_count == 1
    assert conversation(clinic, opened).waiting_since is not None
    assert_consistent(clinic.database)


def test_who_else_has_answered_since_is_told(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    [seen] = everything(clinic.database, Message)
    queue(clinic, opened, by=clinic.ada)
    with clinic.database.reading() as session:
        assert outbox.answered_since(session, opened, seen.id, by=clinic.maria).by_name == "Ada"
        assert outbox.answered_since(session, opened, seen.id, by=clinic.ada) is None


def fail(clinic: Clinic, opened: int, *, body: str) -> int:
    """A message whose recipient cannot be reached."""
    sent = queue(clinic, opened, body)
    with clinic.database.transaction() as session:
        from genko.messages.delivery_state import fail

        fail(session, session.get_one(Message, sent), "63024", "Not reachable.")
    return sent


def again(clinic: Clinic, message_id: int) -> int:
    with clinic.database.transaction() as session:
        return retry_failed.send_again(session, message_id, by=clinic.maria).id


def test_send_again_really_sends_and_pressed_twice_it_is_one(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    failed = fail(clinic, opened, body="Please come")
    assert conversation(clinic, opened).failed_count == 1
    first, second = at_once(partial(again, clinic, failed), partial(again, clinic, failed))
    assert first == second == again(clinic, failed)
    assert deliver(clinic) == 1
    assert clinic.sandbox.creates("Please come") == 1
    assert conversation(clinic, opened).failed_count == 0
    assert_consistent(clinic.database)


def test_what_is_on_its_way_cannot_be_sent_again(clinic: Clinic) -> None:
    sent = queue(clinic, clinic.conversation_with())
    assert "on its way" in refused(partial(again, clinic, sent), Refused)


def test_what_somebody_settled_is_not_sent_again(clinic: Clinic) -> None:
    failed = fail(clinic, clinic.conversation_with(), body="Hi")
    with clinic.database.transaction() as session:
        retry_failed.settle(session, failed, by=clinic.maria)
    assert "settled" in refused(partial(again, clinic, failed), Refused)
    assert_consistent(clinic.database)


def test_two_failures_settled_in_the_same_moment_are_both_counted(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    first, second = fail(clinic, opened, body="One"), fail(clinic, opened, body="Two")
    overtaken(
        clinic.database,
        lambda session: retry_failed.settle(session, first, by=clinic.maria),
        lambda session: retry_failed.settle(session, second, by=clinic.ada),
    )
    assert conversation(clinic, opened).failed_count == 0


def test_two_people_who_set_the_status_in_the_same_moment_leave_true_counts(clinic: Clinic) -> None:
    from genko.messages import conversations

    opened = clinic.conversation_with()
    overtaken(
        clinic.database,
        lambda session: conversations.set_status(
            session, opened, ConversationStatus.RESOLVED, by=clinic.maria
        ),
        lambda session: conversations.set_status(session, opened, ConversationStatus.PENDING, by=clinic.ada),
    )
    assert_consistent(clinic.database)


def test_a_patient_who_writes_while_staff_close_the_dialog_leaves_true_counts(clinic: Clinic) -> None:
    from genko.messages import conversations

    opened = clinic.conversation_with()
    set_status(clinic, opened, ConversationStatus.PENDING)
    overtaken(
        clinic.database,
        lambda session: incoming.receive(session, clinic.account_id, [event("new", at=clock.now())]),
        lambda session: conversations.set_status(session, opened, ConversationStatus.RESOLVED, by=clinic.ada),
    )
    with clinic.database.reading() as session:
        kept = session.scalar(sa.select(sa.func.count()).select_from(ChannelAccount))
    assert kept == 1
    assert_consistent(clinic.database)


def test_an_account_that_was_connected_again_and_is_not_verified_says_so_in_the_composer(
    clinic: Clinic,
) -> None:
    opened = clinic.conversation_with()
    with clinic.database.transaction() as session:
        accounts.remove(session, clinic.account_id, by=clinic.ada)
    wrong = {"account_sid": SID, "auth_token": "wrong", "sender": SENDER}
    test_connection.connect(
        clinic.database, clinic.connector, "whatsapp", wrong, by=clinic.ada, label="Front desk", deadline=None,
        colour="#000000",
    )  # fmt: skip
    said = refused(partial(queue, clinic, opened), Refused)
    assert said.startswith("Front desk cannot send: ")
    assert account(clinic).last_error in said
    assert ours(clinic) == []


def test_what_waits_for_an_account_to_be_verified_fails_visibly_when_the_window_closes(
    clinic: Clinic, travel: Travel
) -> None:
    opened = clinic.conversation_with()
    waiting = queue(clinic, opened)
    with clinic.database.transaction() as session:
        session.get_one(ChannelAccount, clinic.account_id).health = Health.UNVERIFIED
    for hours, failed in ((23, 0), (2, 1)):
        travel.forward(hours=hours)
        with clinic.database.transaction() as session:
            assert fail_overdue(session) == failed
    assert message(clinic, waiting).problem.startswith("Not sent: The 24-hour reply window has closed.")
    assert conversation(clinic, opened).failed_count == 1
    assert_consistent(clinic.database)


def test_a_reply_in_the_moment_a_patient_writes_answers_what_is_there_by_then(clinic: Clinic) -> None:
    from genko.messages import conversations

    opened = clinic.conversation_with()
    reply = Thread(target=lambda: queue(clinic, opened), daemon=True)
    with clinic.database.transaction() as session:
        conversations.lock(session, opened)
        reply.start()
        reply.join(0.3)  # gives the race its chance; what is asserted holds without it
        incoming.receive(session, clinic.account_id, [event("new", at=clock.now())])
    reply.join(30)
    assert conversation(clinic, opened).waiting_since is None
    assert_consistent(clinic.database)
