"""One message that cannot be stored keeps none of its neighbours out, and is not lost itself."""

import math
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from genko import clock
from genko.channels.events import Inbound, Page, Unreadable
from genko.channels.providers import whatsapp
from genko.channels.providers.whatsapp import WhatsApp
from genko.db import DatabaseDown
from genko.messages import history_import, incoming, unprocessed
from genko.messages.models import Conversation, ConversationStatus, Message, Unprocessed
from tests.factories import Clinic
from tests.steps import assert_consistent, bodies, everything


@pytest.fixture
def stumbling(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Storing a message about a knee raises from now on."""
    really_receive = incoming.receive

    def start(error: Exception) -> None:
        def receive(session: object, account_id: int, events: list[Inbound], **how: bool) -> int:
            if any("knee" in one.body for one in events):
                raise error
            return really_receive(session, account_id, events, **how)

        monkeypatch.setattr(incoming, "receive", receive)

    return start


def test_a_message_that_cannot_be_stored_goes_into_the_tray_and_the_others_come_in(
    clinic: Clinic, stumbling: Callable[[Exception], None], caplog: pytest.LogCaptureFixture
) -> None:
    for body in ("Before", "My knee hurts", "After"):
        clinic.sandbox.patient_writes(body)
    clinic.sandbox.patient_writes("Somebody else", phone="+491510000002")
    stumbling(ValueError("knee"))
    assert clinic.fetch(sweep=True) == 4
    assert clinic.fetch(sweep=True) == clinic.fetch() == 0
    assert bodies(everything(clinic.database, Message)) == ["Before", "After", "Somebody else"]
    with clinic.database.reading() as session:
        [item] = unprocessed.find_items(session)
    assert "fault in Genkō" in item.reason
    assert "knee" not in item.reason + caplog.text
    assert caplog.text.count("ValueError") == 1
    assert_consistent(clinic.database)


def test_it_comes_in_by_itself_or_by_hand_once_the_fault_is_mended(
    clinic: Clinic, stumbling: Callable[[Exception], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.sandbox.patient_writes("My left knee", phone="+491510000002")
    clinic.sandbox.patient_writes("My right knee")
    with monkeypatch.context():
        stumbling(ValueError())
        clinic.fetch()
    monkeypatch.undo()
    first, second = everything(clinic.database, Unprocessed)
    with clinic.database.transaction() as session:
        unprocessed.retry(session, first.id, by=clinic.maria)
    assert clinic.fetch() == 1
    assert sorted(bodies(everything(clinic.database, Message))) == ["My left knee", "My right knee"]
    assert all(one.processed_at for one in everything(clinic.database, Unprocessed))
    assert second.processed_at is None
    assert_consistent(clinic.database)


def test_a_database_that_is_down_puts_nothing_into_the_tray(
    clinic: Clinic, stumbling: Callable[[Exception], None]
) -> None:
    clinic.sandbox.patient_writes("My knee hurts")
    stumbling(sa.exc.OperationalError("", None, Exception()))
    with pytest.raises(DatabaseDown):
        clinic.fetch()
    assert everything(clinic.database, Unprocessed) == everything(clinic.database, Message) == []


def test_what_is_no_json_to_a_database_does_not_block_its_page_either(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Unreadable("SM1", {"price": math.nan, "body": "nul \x00, half \ud800"}, "Not understood.")
    good = Inbound("SM2", "whatsapp:+491510000001", clock.now(), "A valid sibling")
    monkeypatch.setattr(WhatsApp, "fetch", lambda *_, **__: Page([odd, good]))
    assert clinic.fetch(sweep=True) == 2
    assert clinic.fetch(sweep=True) == 0
    assert bodies(everything(clinic.database, Message)) == ["A valid sibling"]
    assert len(everything(clinic.database, Unprocessed)) == 1


def test_history_that_comes_in_from_the_tray_opens_nothing(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = (clock.now() - timedelta(days=10)).isoformat()
    clinic.sandbox.history(
        [{"direction": "in", "patient": "+491510000001", "at": at, "body": "Old question"}]
    )
    with clinic.database.transaction() as session:
        history_import.start_history(session, clinic.account_id, 30, by=clinic.ada)
    with monkeypatch.context() as broken:
        broken.setattr(whatsapp, "_inbound", lambda record: record["no such thing"])
        while history_import.import_history(clinic.database, clinic.connector, clinic.due()):
            pass
    with clinic.database.transaction() as session:
        [item] = unprocessed.find_items(session)
        unprocessed.retry(session, item.id, by=clinic.maria)
    [opened] = everything(clinic.database, Conversation)
    assert (opened.status, opened.waiting_since, opened.inbound_count) == (
        ConversationStatus.RESOLVED,
        None,
        0,
    )
    assert_consistent(clinic.database)
