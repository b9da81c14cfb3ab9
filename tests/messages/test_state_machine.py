"""Whatever happens in whatever order: nothing is lost, nothing is sent twice, and every count is true."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NoReturn

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from genko import clock
from genko.channels.base import Delivery
from genko.channels.models import ChannelAccount
from genko.channels.providers.whatsapp import WhatsApp
from genko.db import Base
from genko.errors import Refused
from genko.leads.models import Lead
from genko.messages import claims, retry_failed
from genko.messages.models import (
    Author,
    Conversation,
    ConversationStatus,
    Identity,
    Message,
)
from genko.people import merging
from genko.people.merge_choices import NOTES, Side
from tests.factories import Clinic
from tests.steps import (
    Travel,
    assert_consistent,
    confirm,
    deliver,
    event,
    everything,
    follow,
    queue,
    receive,
    set_status,
)

PHONES = ("+491510000001", "+491510000002", "+491510000003")
WORDS = st.sampled_from(["Hello", "Is Monday free?", "STOP", "start", "Ünïcode 🙂", " "])
PLACE = st.integers(0, 99)  # which of the things that there are: the remainder of its division by their count
KEPT_TABLES = {"staff_member", "clinic", "channel_account"}


class Outcome(StrEnum):
    """What becomes of one attempt to send. The middle ones are faults of the sandbox."""

    SENT = "sent"
    REFUSED_FOR_NOW = "too_many_requests"
    LOST_BEFORE_IT_WAS_ACCEPTED = "error_before"
    LOST_AFTER_IT_WAS_ACCEPTED = "error_after"
    DIES_BEFORE_THE_CALL = "dies before the call"
    DIES_AFTER_THE_CALL = "dies after the call"
    NOT_YET = "not yet"


OUTCOMES = st.lists(st.sampled_from(Outcome), max_size=3)


class WorkerDied(BaseException):
    """As kill -9 would do it: nothing in the program may catch this and put things in order."""


class Inbox(RuleBasedStateMachine):
    def __init__(self, clinic: Clinic, travel: Travel) -> None:
        super().__init__()
        self.clinic = clinic
        self.travel = travel
        self.patient_message_ids: set[str] = set()
        self.other_message_ids: set[str] = set()
        self.queued: Counter[str] = Counter()  # messages that staff have asked for, by text
        self.tokens: dict[str, tuple[int, str]] = {}
        self.merge_ids: list[int] = []
        self.serial = 0
        self.messages: list[Message] = []
        self.conversation_ids: list[int] = []
        self.lead_ids: list[int] = []
        travel.ahead = timedelta()
        clinic.sandbox.reset()
        clinic.sandbox.add_account()
        empty(clinic)

    def next_name(self, kind: str) -> str:
        self.serial += 1
        return f"{kind} {self.serial}"

    def look(self) -> None:
        """Reads anew what the rules choose from."""
        self.messages = everything(self.clinic.database, Message)
        self.conversation_ids = [row.id for row in everything(self.clinic.database, Conversation)]
        self.lead_ids = [lead.id for lead in everything(self.clinic.database, Lead)]

    def has(self, *deliveries: Delivery) -> bool:
        return any(message.delivery in deliveries for message in self.messages)

    def asking_staff(self) -> list[Message]:
        return [
            message
            for message in self.messages
            if message.needs_a_person and not message.settled and message.body in self.queued
        ]

    # What people and other programs do

    @initialize()
    def everybody_writes(self) -> None:
        for phone in PHONES:
            self.patient_writes(phone, "Hello", minutes_ago=41)
        self.clinic.fetch()

    @rule(phone=st.sampled_from(PHONES), body=WORDS, minutes_ago=st.integers(0, 40))
    def patient_writes(self, phone: str, body: str, minutes_ago: int) -> None:
        at = clock.now() - self.travel.ahead - timedelta(minutes=minutes_ago)
        message_id = self.clinic.sandbox.patient_writes(body, phone=phone, at=at)
        self.patient_message_ids.add(message_id)

    @rule(phone=st.sampled_from(PHONES), change=st.sampled_from(["reads", "unreachable", "reachable"]))
    def patients_phone_changes(self, phone: str, change: str) -> None:
        if change == "reads":
            self.clinic.sandbox.patient_reads(phone)
        else:
            self.clinic.sandbox.patient(phone, unreachable=change == "unreachable")

    @rule(phone=st.sampled_from(PHONES), delivery=st.sampled_from([Delivery.DELIVERED, Delivery.FAILED]))
    def another_tool_replies(self, phone: str, delivery: Delivery) -> None:
        self.take_in(phone, clock.now(), outbound=True, delivery=delivery)

    @rule(phone=st.sampled_from(PHONES), days_ago=st.integers(2, 20), outbound=st.booleans())
    def history_is_imported(self, phone: str, days_ago: int, outbound: bool) -> None:
        more: dict[str, Any] = {"outbound": True, "delivery": Delivery.DELIVERED} if outbound else {}
        self.take_in(phone, clock.now() - timedelta(days=days_ago), live=False, **more)

    def take_in(self, phone: str, at: datetime, *, live: bool = True, **more: Any) -> None:
        message_id = self.next_name("other")
        self.other_message_ids.add(message_id)
        person = f"whatsapp:{phone}"
        receive(self.clinic, event(message_id, message_id, person=person, at=at, **more), live=live)

    # What staff ask for and the worker does

    @rule(
        fault=st.sampled_from([None, "duplicates", "shuffled"]),
        sweep=st.booleans(),
        place=PLACE,
        outcomes=OUTCOMES,
    )
    def worker_fetches_and_staff_reply(
        self, fault: str | None, sweep: bool, place: int, outcomes: list[Outcome]
    ) -> None:
        self.with_fault(fault, lambda: self.clinic.fetch(sweep=sweep))
        self.staff_reply(place, outcomes)

    @rule(place=PLACE, outcomes=OUTCOMES)
    def staff_reply(self, place: int, outcomes: list[Outcome]) -> None:
        body = self.next_name("reply")
        conversation_id = pick(self.conversation_ids, place)
        with suppress(Refused):
            queue(self.clinic, conversation_id, body, token=body)
            self.queued[body] += 1
            self.tokens[body] = (conversation_id, body)
        for outcome in outcomes:
            self.worker_delivers(outcome)

    @precondition(lambda self: self.has(Delivery.QUEUED))
    @rule(outcome=st.sampled_from(Outcome))
    def worker_delivers(self, outcome: Outcome) -> None:
        match outcome:
            case Outcome.NOT_YET:
                pass
            case Outcome.DIES_BEFORE_THE_CALL | Outcome.DIES_AFTER_THE_CALL:
                self.worker_dies(after_the_call=outcome is Outcome.DIES_AFTER_THE_CALL)
            case Outcome.SENT:
                deliver(self.clinic)
            case fault:
                self.with_fault(fault, lambda: deliver(self.clinic), times=1, method="POST")

    def worker_dies(self, *, after_the_call: bool) -> None:
        send = WhatsApp.send

        def dying(channel: WhatsApp, outgoing: Any) -> NoReturn:
            if after_the_call:
                send(channel, outgoing)
            raise WorkerDied

        with pytest.MonkeyPatch.context() as patched, suppress(WorkerDied):
            patched.setattr(WhatsApp, "send", dying)
            deliver(self.clinic)

    @precondition(lambda self: self.has(Delivery.SENDING, Delivery.UNCONFIRMED))
    @rule(minutes=st.sampled_from([0, 2, 6]))
    def worker_looks_after_messages_that_may_have_left(self, minutes: int) -> None:
        self.travel.forward(minutes=minutes)
        with self.clinic.database.transaction() as session:
            claims.sweep_claims(session)
        confirm(self.clinic)

    @precondition(lambda self: self.has(Delivery.SENT, Delivery.DELIVERED))
    @rule(sweep=st.booleans(), fault=st.sampled_from([None, "out_of_order", "duplicates"]))
    def worker_follows_receipts(self, sweep: bool, fault: str | None) -> None:
        self.with_fault(fault, lambda: follow(self.clinic, sweep=sweep))

    def with_fault(self, kind: str | None, work: Callable[[], object], **how: Any) -> None:
        if kind:
            self.clinic.sandbox.fault(kind, **how)
        work()
        self.clinic.sandbox.clear_faults()

    # What else staff do

    @precondition(lambda self: self.tokens)
    @rule(place=PLACE)
    def staff_press_send_once_more(self, place: int) -> None:
        """The same token: the answer to the first press was lost."""
        token = pick(sorted(self.tokens), place)
        conversation_id, body = self.tokens[token]
        queue(self.clinic, conversation_id, body, token=token)

    @precondition(lambda self: self.asking_staff())
    @rule(place=PLACE, twice=st.booleans())
    def staff_send_again(self, place: int, twice: bool) -> None:
        message = pick(self.asking_staff(), place)
        for _ in range(1 + twice):
            with suppress(Refused), self.clinic.database.transaction() as session:
                again = retry_failed.send_again(session, message.id, by=self.clinic.maria)
                assert again.body == message.body
        token = retry_failed.again_token(message.id)
        self.look()
        self.queued[message.body] += any(sent.client_token == token for sent in self.messages)

    @precondition(lambda self: self.asking_staff())
    @rule(place=PLACE)
    def staff_settle(self, place: int) -> None:
        message = pick(self.asking_staff(), place)
        with self.clinic.database.transaction() as session:
            retry_failed.settle(session, message.id, by=self.clinic.maria)

    @rule(place=PLACE, status=st.sampled_from(ConversationStatus), outcomes=OUTCOMES)
    def staff_set_status_and_reply(
        self, place: int, status: ConversationStatus, outcomes: list[Outcome]
    ) -> None:
        set_status(self.clinic, pick(self.conversation_ids, place), status)
        self.staff_reply(place, outcomes)

    @precondition(lambda self: len(self.lead_ids) > 1)
    @rule(place=PLACE)
    def staff_merge_leads(self, place: int) -> None:
        lead_ids = self.lead_ids
        winner_id = pick(lead_ids, place)
        loser_id = pick([lead_id for lead_id in lead_ids if lead_id != winner_id], place)
        with self.clinic.database.transaction() as session:
            choices = {NOTES: Side.WINNER}
            self.merge_ids.append(
                merging.merge_leads(session, winner_id, loser_id, choices, by=self.clinic.maria)
            )

    @precondition(lambda self: self.merge_ids)
    @rule(place=PLACE)
    def staff_undo_a_merge(self, place: int) -> None:
        """Refused while one of the two records has been merged away since."""
        merge_id = pick(self.merge_ids, place)
        with suppress(Refused):
            with self.clinic.database.transaction() as session:
                merging.undo(session, merge_id, by=self.clinic.maria)
            self.merge_ids.remove(merge_id)

    # What must hold after each of these

    @invariant()
    def all_is_well(self) -> None:
        self.look()
        assert_consistent(self.clinic.database)
        self.nothing_is_sent_or_stored_twice()
        self.everybody_keeps_one_conversation()

    def nothing_is_sent_or_stored_twice(self) -> None:
        stored = Counter(message.body for message in self.messages if message.author is Author.STAFF)
        for body, count in self.queued.items():
            assert stored[body] == count, body
        for create in self.clinic.sandbox.counters()["creates"]:
            assert create["count"] <= self.queued[create["body"]], create
        provider_ids = [message.provider_id for message in self.messages if message.provider_id]
        assert len(provider_ids) == len(set(provider_ids))

    def everybody_keeps_one_conversation(self) -> None:
        identities = everything(self.clinic.database, Identity)
        assert len({identity.external_id for identity in identities}) == len(identities)
        assert len(self.conversation_ids) == len(identities)

    def teardown(self) -> None:
        """When everything works again, all that was written is here, and every reply has left or says why not."""
        self.clinic.fetch(sweep=True)
        for _ in range(3):
            self.worker_looks_after_messages_that_may_have_left(minutes=6)
            deliver(self.clinic)
        follow(self.clinic, sweep=True)
        self.all_is_well()
        stored = {message.provider_id for message in self.messages}
        assert stored >= self.patient_message_ids | self.other_message_ids
        self.every_reply_has_left_or_says_why_not()

    def every_reply_has_left_or_says_why_not(self) -> None:
        left = {create["body"] for create in self.clinic.sandbox.counters()["creates"]}
        for message in self.messages:
            if message.author is not Author.STAFF or message.body not in self.queued:
                continue
            if message.delivery in {Delivery.SENT, Delivery.DELIVERED, Delivery.READ}:
                assert message.body in left
            else:
                assert message.needs_a_person, (message.body, message.delivery)
                assert message.problem


def pick(items: Sequence[Any], place: int) -> Any:
    return items[place % len(items)]


def empty(clinic: Clinic) -> None:
    """Takes out everything but the staff and the account, as if it had been connected a moment ago."""
    with clinic.database.transaction() as session:
        for index in ("conversation_search", "lead_search", "patient_search"):
            session.execute(sa.text(f"DELETE FROM {index}"))
        if clinic.database.dialect == "sqlite":
            session.execute(sa.text("INSERT INTO message_search(message_search) VALUES ('delete-all')"))
        else:
            session.execute(sa.text("DELETE FROM message_search"))
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in KEPT_TABLES:
                session.execute(sa.delete(table))
        account = session.get_one(ChannelAccount, clinic.account_id)
        account.last_in_at = None
        account.created_at = account.fetched_until = clock.now()


@pytest.mark.property
@pytest.mark.slow
def test_any_sequence_of_steps_keeps_every_count_true_and_every_message_once(
    clinic: Clinic, travel: Travel
) -> None:
    # Each example is a whole story, and PostgreSQL takes longer for each step.
    share = 2 if clinic.database.dialect == "sqlite" else 5
    examples = settings.default.max_examples // share
    run_state_machine_as_test(
        lambda: Inbox(clinic, travel), settings=settings(max_examples=examples, stateful_step_count=30)
    )
