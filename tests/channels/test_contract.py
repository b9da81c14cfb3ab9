"""Every registered channel keeps to the contract, and so does one that differs from WhatsApp in everything."""

from typing import ClassVar

import pytest

from genko import clock
from genko.channels import registry
from genko.channels.capabilities import Polling
from genko.channels.channel import Channel
from genko.channels.events import Inbound, Unreadable
from genko.channels.providers.whatsapp import WhatsApp
from tests.channels import practice
from tests.channels.contract import Case, Contract
from tests.channels.practice import PROVIDER, SECRET, SHOP, Practice, Provider
from tests.factories import Clinic
from tests.sandbox_client import SENDER, SID, TOKEN


class WhatsAppCase(Case):
    kind = WhatsApp
    values: ClassVar = {"account_sid": SID, "auth_token": TOKEN, "sender": SENDER}
    secret = "auth_token"

    def __init__(self, clinic: Clinic) -> None:
        self._sandbox = clinic.sandbox

    def person_writes(self, channel: Channel, body: str) -> list[Inbound | Unreadable]:
        assert isinstance(channel, Polling)
        self._sandbox.patient_writes(body)
        return channel.fetch(clock.now()).events


class PracticeCase(Case):
    kind = Practice
    values: ClassVar = {"shop": SHOP, "secret": SECRET}
    secret = "secret"

    def person_writes(self, channel: Channel, body: str) -> list[Inbound | Unreadable]:
        assert isinstance(channel, Practice)
        written = practice.call(practice.says("m1", body, clock.now().isoformat()))
        assert channel.is_genuine({"signature": practice.signature(SECRET, written)}, written)
        assert not channel.is_genuine({"signature": practice.signature("guessed", written)}, written)
        [(address, events)] = channel.parse_webhook(written).items()
        assert address == Practice.external_id(self.values)
        return [event for event in events if isinstance(event, Inbound | Unreadable)]


CASES: list[type[Case]] = [WhatsAppCase, PracticeCase]


class TestWhatsApp(Contract):
    @pytest.fixture
    def case(self, clinic: Clinic) -> Case:
        return WhatsAppCase(clinic)


class TestPractice(Contract):
    @pytest.fixture
    def case(self, monkeypatch: pytest.MonkeyPatch) -> Case:
        monkeypatch.setitem(registry.CHANNELS, Practice.key, Practice)
        vars(PROVIDER).update(vars(Provider()))
        return PracticeCase()


def test_every_registered_channel_is_held_to_the_contract() -> None:
    assert {case.kind for case in CASES} == {*registry.CHANNELS.values(), Practice}
