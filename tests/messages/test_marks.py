"""Up to where an account was fetched is said by the provider's clock; ours may be wrong by days."""

from datetime import datetime, timedelta

import pytest

from genko import clock
from genko.channels.events import Page
from genko.channels.models import ChannelAccount
from genko.channels.providers.whatsapp import WhatsApp
from genko.messages.models import Conversation, ConversationStatus, Message
from tests.factories import Clinic
from tests.steps import Travel, account, bodies, everything


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Since when each list was asked for."""
    times: list[datetime] = []
    really_fetch = WhatsApp.fetch

    def fetch(channel: WhatsApp, since: datetime, page: str | None = None, *, size: int = 50) -> Page:
        times.append(since)
        return really_fetch(channel, since, page, size=size)

    monkeypatch.setattr(WhatsApp, "fetch", fetch)
    return times


def test_a_worker_whose_clock_was_days_ahead_loses_nothing_afterwards(clinic: Clinic, travel: Travel) -> None:
    now = clock.now()
    travel.forward(days=5)
    clinic.fetch(sweep=True)
    clinic.sandbox.patient_writes("Two days later", at=now + timedelta(days=2))
    clinic.sandbox.patient_writes("Four days later", phone="+491510000002", at=now + timedelta(days=4))
    assert clinic.fetch(sweep=True) == 2
    travel.ahead = timedelta()
    clinic.sandbox.patient_writes("And one more", at=now + timedelta(days=2, hours=1))
    assert clinic.fetch(sweep=True) == 1


def test_a_number_connected_by_a_clock_that_was_days_ahead_gets_its_messages_as_new_ones(
    clinic: Clinic, travel: Travel
) -> None:
    travel.forward(days=3)
    with clinic.database.transaction() as session:
        row = session.get_one(ChannelAccount, clinic.account_id)
        row.created_at = row.fetched_until = clock.now()
    clinic.fetch(sweep=True)
    clinic.sandbox.patient_writes("Are you open?")
    travel.ahead = timedelta()
    assert clinic.fetch() == 1
    [opened] = everything(clinic.database, Conversation)
    assert (opened.status, opened.inbound_count) == (ConversationStatus.ACTIVE, 1)
    assert opened.waiting_since is not None


def test_an_account_without_traffic_does_not_list_its_whole_past_at_each_look(
    clinic: Clinic, asked: list[datetime]
) -> None:
    with clinic.database.transaction() as session:
        session.get_one(ChannelAccount, clinic.account_id).fetched_until = clock.now() - timedelta(days=90)
    clinic.fetch(sweep=True)
    clinic.fetch()
    assert asked[0] < clock.now() - timedelta(days=90)
    assert asked[1] > clock.now() - timedelta(days=1, minutes=1)


def test_without_the_providers_clock_the_newest_message_is_the_mark(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genko.channels.providers.whatsapp.answered_at", lambda _: None)
    before = account(clinic).fetched_until
    clinic.fetch(sweep=True)
    assert account(clinic).fetched_until == before
    written = clock.now().replace(microsecond=0) + timedelta(hours=2)
    for hours in range(3):
        clinic.sandbox.patient_writes(f"{hours} h earlier", at=written - timedelta(hours=hours))
    clinic.sandbox.fault("shuffled")
    clinic.fetch(sweep=True)
    assert account(clinic).fetched_until == written
    assert len(bodies(everything(clinic.database, Message))) == 3
