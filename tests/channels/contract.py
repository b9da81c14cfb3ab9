"""What every channel keeps to, whatever it can do. A test class for a channel inherits from `Contract`."""

import re
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from genko.channels import registry
from genko.channels.base import ChannelError, Trouble
from genko.channels.capabilities import FindsSent, History, Polling, Webhooks, WritesToPhones
from genko.channels.channel import Channel
from genko.channels.events import Inbound, Receipt, Unreadable
from genko.channels.outgoing import FilePart, Outgoing, TemplatePart, TextPart
from genko.channels.reply_policy import WayToWrite
from genko.channels.test_connection import connect
from genko.errors import Refused
from genko.leads.models import LeadSource
from genko.messages import delivery, history_import, outbox
from genko.messages.fetch import fetch
from genko.messages.models import Conversation
from genko.messages.take_in import take_in
from tests.factories import Clinic
from tests.steps import T0, everything

NONSENSE: list[Any] = [None, 5, "text", [], {}, {"id": 7}, {"sid": "SM1", "direction": "inbound"}]


class Case(ABC):
    """One channel with a provider that a test can act on."""

    kind: type[Channel]
    values: ClassVar[dict[str, str]]  # of the form, as they are right
    secret: str  # the name of a field that the provider checks

    @abstractmethod
    def person_writes(self, channel: Channel, body: str) -> list[Inbound | Unreadable]:
        """What comes in from the provider after a person has written."""


class Contract:
    """`case` is a fixture of the class that inherits this."""

    @pytest.fixture
    def channel(self, case: Case, clinic: Clinic) -> Channel:
        return registry.connect(case.kind.key, case.values, clinic.connector.settings)

    @pytest.fixture
    def account_id(self, case: Case, clinic: Clinic) -> int:
        """The channel's account, connected the way that Settings does it."""
        problem = connect(
            clinic.database,
            clinic.connector,
            case.kind.key,
            case.values,
            by=clinic.ada,
            label="",
            deadline=None,
            colour="#000000",
        )
        assert problem is None
        [account_id] = [due.id for due in clinic.all_due() if due.channel == case.kind.key]
        return account_id

    def test_it_is_registered_and_its_words_are_complete(self, case: Case) -> None:
        kind = case.kind
        assert registry.CHANNELS[kind.key] is kind
        assert all((kind.label, kind.provider, kind.icon, kind.connection_works))
        assert re.fullmatch("[a-z_]+", kind.base_url_setting)
        assert LeadSource(kind.lead_source).label
        assert kind.text_limit.count > 0
        assert kind.largest_file > 0

    def test_the_form_has_an_address_and_a_secret_and_each_field_explains_itself(self, case: Case) -> None:
        fields = case.kind.fields
        assert len({field.name for field in fields}) == len(fields)
        assert all(field.label and field.help for field in fields)
        assert any(field.address for field in fields)
        assert any(field.secret for field in fields)
        assert not any(field.address and field.secret for field in fields)
        assert set(case.values) == {field.name for field in fields}

    def test_the_reply_policy_gives_a_reason_whenever_it_is_closed(self, case: Case) -> None:
        policy = case.kind.policy
        assert policy.why_closed(T0, T0) is None
        assert bool(policy.why_not_first) == (policy.first is not WayToWrite.FREELY)
        if policy.first is not WayToWrite.FREELY:
            assert policy.why_not_first in str(policy.why_closed(None, T0))
        closes_at = policy.closes_at(T0)
        assert (closes_at is None) == (policy.window is None)
        if closes_at:
            assert policy.why_closed(T0, closes_at - timedelta(seconds=1)) is None
            assert policy.after_window_words in str(policy.why_closed(T0, closes_at))
            assert policy.closed_if_last_wrote_by(closes_at) == T0

    def test_our_address_is_made_from_the_form_and_can_be_read(self, case: Case) -> None:
        address = case.kind.external_id(case.values)
        assert case.kind.external_id(case.values) == address
        assert case.kind.address_label(address)
        with pytest.raises(Refused):
            case.kind.external_id({})

    def test_a_phone_becomes_an_address_and_back_where_people_have_phones(self, case: Case) -> None:
        phone = "+491510000001"
        if issubclass(case.kind, WritesToPhones):
            assert case.kind.phone_of(case.kind.person_id(phone)) == phone
        assert case.kind.phone_variants(phone)[0] == phone

    @pytest.mark.parametrize("record", NONSENSE, ids=repr)
    def test_a_record_that_makes_no_sense_is_kept_raw(self, case: Case, record: Any) -> None:
        event = case.kind.read(record)
        assert isinstance(event, Unreadable)
        assert event.provider_id
        assert event.reason
        assert isinstance(event.raw, dict)

    def test_an_unknown_error_is_final_and_has_a_sentence(self, case: Case) -> None:
        assert case.kind.trouble("no-such-code") is Trouble.MESSAGE
        assert case.kind.explain("no-such-code").endswith(".")
        assert case.kind.explain("").endswith(".")

    def test_a_wrong_secret_is_named(self, case: Case, clinic: Clinic) -> None:
        wrong = registry.connect(
            case.kind.key, case.values | {case.secret: "wrong"}, clinic.connector.settings
        )
        with pytest.raises(ChannelError) as caught:
            wrong.check()
        assert (caught.value.trouble, caught.value.field) == (Trouble.ACCOUNT, case.secret)

    def test_the_right_credentials_pass_the_check(self, channel: Channel) -> None:
        channel.check()

    def test_parts_that_it_cannot_send_are_refused_before_and_at_sending(
        self, case: Case, channel: Channel
    ) -> None:
        parts = (FilePart("a.pdf", "application/pdf", b"%PDF"), TemplatePart("T1"))
        for part in parts:
            if type(part) in case.kind.parts:
                continue
            assert case.kind.label in str(case.kind.why_unsendable((part,)))
            with pytest.raises(ChannelError) as caught:
                channel.send(Outgoing("anybody", (part,), "key"))
            assert caught.value.trouble is Trouble.MESSAGE

    def test_a_text_is_refused_from_its_first_sign_too_many(self, case: Case) -> None:
        limit = case.kind.text_limit
        longest = "x" * limit.count
        assert case.kind.why_unsendable((TextPart(longest),)) is None
        assert f"takes {limit.count:,}" in str(case.kind.why_unsendable((TextPart(longest + "x"),)))

    def test_it_has_a_way_in(self, case: Case) -> None:
        assert issubclass(case.kind, Polling | Webhooks)

    def test_a_message_becomes_a_conversation_and_a_lead_and_a_reply_goes_out(
        self, case: Case, channel: Channel, clinic: Clinic, account_id: int
    ) -> None:
        incoming = case.person_writes(channel, "Hello")
        assert take_in(clinic.database, account_id, incoming) == len(incoming) == 1
        assert take_in(clinic.database, account_id, incoming) == 0
        [opened] = everything(clinic.database, Conversation)
        with clinic.database.transaction() as session:
            outbox.queue(session, opened.id, "Good morning", by=clinic.maria, token="t1")
        due = next(due for due in clinic.all_due() if due.id == account_id)
        assert delivery.deliver(clinic.database, clinic.connector, due, "w1") == 1
        [opened] = everything(clinic.database, Conversation)
        assert (opened.message_count, opened.failed_count, opened.waiting_since) == (2, 0, None)

    def test_a_sent_message_can_be_found_again_where_the_channel_can_look(
        self, case: Case, channel: Channel
    ) -> None:
        if not isinstance(channel, FindsSent):
            return
        [incoming] = case.person_writes(channel, "Hello")
        assert isinstance(incoming, Inbound)
        outgoing = Outgoing(incoming.person, (TextPart("Good morning"),), "key")
        sent = channel.send(outgoing)
        assert isinstance(sent, Receipt)
        found = channel.find_sent(outgoing, datetime.now(UTC))
        assert [receipt.provider_id for receipt in found] == [sent.provider_id]

    def test_a_look_at_an_account_that_cannot_be_polled_proves_that_it_works(
        self, case: Case, clinic: Clinic, account_id: int
    ) -> None:
        due = next(due for due in clinic.all_due() if due.id == account_id)
        assert fetch(clinic.database, clinic.connector, due, sweep=True) == 0

    def test_history_is_offered_only_where_there_is_one(
        self, case: Case, clinic: Clinic, account_id: int
    ) -> None:
        with clinic.database.transaction() as session:
            if issubclass(case.kind, History):
                history_import.start_history(session, account_id, 30, by=clinic.ada)
                return
            with pytest.raises(Refused, match="does not hand over"):
                history_import.start_history(session, account_id, 30, by=clinic.ada)
