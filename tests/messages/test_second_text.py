"""One token is one text: what was typed afterwards is neither lost in silence nor sent by accident."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from genko import clock
from genko.channels import accounts
from genko.channels.base import Delivery
from genko.errors import Refused
from genko.messages import draft_sending, drafts
from genko.messages.models import Conversation, Message
from genko.messages.outbox import queue
from genko.messages.unsendable import fail_stranded
from tests.factories import Clinic
from tests.steps import bodies, everything, overtaken


def _send(clinic: Clinic, conversation: int, token: str, words: str) -> None:
    with clinic.database.transaction() as session:
        draft_sending.send(session, conversation, words, by=clinic.maria, token=token, seen_message_id=10**9)


def test_another_text_under_a_sent_token_is_refused_and_goes_out_under_the_next(clinic: Clinic):
    conversation = clinic.conversation_with()
    with clinic.database.transaction() as session:
        first = drafts.begin(session, conversation, by=clinic.maria)
    _send(clinic, conversation, first.token, "Come at 4")
    _send(clinic, conversation, first.token, "Come at 4 ")

    with pytest.raises(Refused, match="This one was not"):
        _send(clinic, conversation, first.token, "Come at 4, or at 5")

    with clinic.database.transaction() as session:
        second = drafts.begin(session, conversation, by=clinic.maria)
    _send(clinic, conversation, second.token, "Come at 4, or at 5")
    with clinic.database.reading() as session:
        assert session.get_one(Conversation, conversation).message_count == 3


def test_what_another_tab_has_put_into_the_draft_outlives_the_sending(clinic: Clinic):
    conversation = clinic.conversation_with()
    for stored, kept in (("Shall I book you in?", "Shall I book you in?"), ("Come a", ""), ("Come at 4", "")):
        with clinic.database.transaction() as session:
            draft = drafts.begin(session, conversation, by=clinic.maria)
            drafts.save(
                session, conversation, stored, by=clinic.maria, token=draft.token, seen_message_id=10**9
            )
            draft_sending.send(
                session, conversation, "Come at 4", by=clinic.maria, token=draft.token, seen_message_id=10**9,
                written=("Come", "Come a"),
            )  # fmt: skip
            after = drafts.find(session, conversation, by=clinic.maria)
            assert after is not None
            assert after.text == kept
            assert draft_sending.sent_under(session, draft.token) == "Come at 4"


@pytest.mark.parametrize("saved_first", [True, False])
def test_what_was_typed_after_a_message_stays_whether_it_is_saved_before_it_goes_out_or_after(
    clinic: Clinic, saved_first: bool
) -> None:
    conversation = clinic.conversation_with()
    with clinic.database.transaction() as session:
        draft = drafts.begin(session, conversation, by=clinic.maria)

    def leave() -> None:
        with clinic.database.transaction() as session:
            assert drafts.save(
                session, conversation, " Yes \nuntil six", by=clinic.maria, token=draft.token,
                seen_message_id=10**9, rest="until six",
            )  # fmt: skip

    if saved_first:
        leave()
    _send(clinic, conversation, draft.token, " Yes ")
    for _ in range(2 - saved_first):  # the browser may say it twice
        leave()
    with clinic.database.reading() as session:
        after = drafts.find(session, conversation, by=clinic.maria)
    assert after is not None
    assert (after.text, after.token != draft.token) == ("until six", True)


def test_what_was_typed_after_a_message_joins_what_another_tab_has_put_into_the_next_draft(
    clinic: Clinic,
) -> None:
    conversation = clinic.conversation_with()
    with clinic.database.transaction() as session:
        first = drafts.begin(session, conversation, by=clinic.maria)
    _send(clinic, conversation, first.token, "Yes")
    with clinic.database.transaction() as session:
        second = drafts.begin(session, conversation, by=clinic.maria)
        for typed, token, rest in (
            ("Come at 4", second.token, ""),
            ("Yes\nuntil six", first.token, "until six"),
            ("Yes\nuntil six", first.token, "until six"),  # the browser may say it twice
            ("Yes\nCome", first.token, "Come"),
        ):
            drafts.save(
                session, conversation, typed, by=clinic.maria, token=token, seen_message_id=10**9, rest=rest
            )
        session.flush()
        after = drafts.find(session, conversation, by=clinic.maria)
    assert after is not None
    assert after.text == "Come at 4\nuntil six\nCome"


def test_a_doubtful_message_of_a_disconnected_account_is_put_to_staff(clinic: Clinic):
    conversation = clinic.conversation_with()
    with clinic.database.transaction() as session:
        message = queue(session, conversation, "Perhaps", by=clinic.maria, token="t")
        message.delivery, message.claimed_at = Delivery.UNCONFIRMED, clock.now()
        accounts.remove(session, clinic.account_id, by=clinic.ada)
        number = message.id

    for expected in (1, 0):
        with clinic.database.transaction() as session:
            assert fail_stranded(session) == expected
    with clinic.database.reading() as session:
        found = session.get_one(Message, number)
        assert (found.delivery, found.next_attempt_at) == (Delivery.UNCONFIRMED, None)
        assert session.get_one(Conversation, conversation).failed_count == 1


def test_of_two_colleagues_who_send_at_once_the_second_is_told_of_the_first(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    told = []

    def sends(body: str, by: int) -> Callable[[Session], None]:
        def send(session: Session) -> None:
            draft = drafts.begin(session, opened, by=by)
            told.append(
                draft_sending.send(
                    session,
                    opened,
                    body,
                    by=by,
                    token=draft.token,
                    seen_message_id=draft.seen_message_id or 0,
                )
            )

        return send

    overtaken(clinic.database, sends("10:00 is fine", clinic.ada), sends("10:00 is taken", clinic.maria))
    assert told[0] is None
    assert (told[1].by_name, bodies(everything(clinic.database, Message))) == (
        "Ada",
        ["Hello", "10:00 is fine"],
    )
