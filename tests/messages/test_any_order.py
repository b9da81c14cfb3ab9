"""Whatever order, repetition and slicing the provider chooses, the database ends up the same."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genko.channels.base import Author, Delivery
from genko.channels.events import (
    Change,
    Edit,
    Event,
    Inbound,
    InboundFile,
    Reaction,
    Receipt,
    Seen,
    Unreadable,
    Unsend,
)
from genko.messages import receipts, roll_up
from genko.messages.models import Conversation, Message
from genko.messages.take_in import take_in
from tests.factories import Clinic
from tests.steps import T0, assert_consistent, dump, event, receive, wipe

PEOPLE = ["whatsapp:+491510000001", "whatsapp:+491510000002", "whatsapp:US.77"]
WORDS = ["Hello", "STOP", "start", "", "Ünï\x00code 🙂"]

STATES = [Delivery.SENT, Delivery.DELIVERED, Delivery.READ, Delivery.FAILED]


@st.composite
def batches(draw: st.DrawFn) -> list[Inbound | Unreadable]:
    """Messages with distinct times: those of one second keep the order in which they arrived."""
    times = draw(st.lists(st.integers(0, 500), min_size=1, max_size=8, unique=True))
    found: list[Inbound | Unreadable] = []
    for number, second in enumerate(times):
        person, words = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(WORDS))
        files = (InboundFile(f"m{number}/0"),) if not words else ()
        reply = draw(st.sampled_from([None, None, Delivery.DELIVERED, Delivery.FAILED]))
        more: dict[str, Any] = {"outbound": True, "delivery": reply} if reply else {}
        at = T0 + timedelta(seconds=second)
        found.append(event(f"m{number}", words, person=person, at=at, files=files, **more))
    if draw(st.booleans()):
        found.append(Unreadable("broken", {"sid": "broken"}, "Not understood."))
    return found


@st.composite
def changes(draw: st.DrawFn, listed: list[Inbound | Unreadable]) -> list[Change]:
    """What may happen to these messages afterwards, and to one that never comes in."""
    found: list[Change] = []
    messages = [one for one in listed if isinstance(one, Inbound)]
    for message in [*messages, Inbound("never", PEOPLE[0], T0)]:
        at = message.at + timedelta(seconds=draw(st.integers(1, 50)))
        kinds = draw(
            st.sets(st.sampled_from(["edit", "edit again", "unsend", "react", "take back", "receipt"]))
        )
        if "edit" in kinds:
            found.append(Edit(message.provider_id, at, draw(st.sampled_from(["Other words", "", "STOP"]))))
        if "edit again" in kinds:
            found.append(Edit(message.provider_id, at, "The last words"))
        if "unsend" in kinds and draw(st.booleans()):
            found.append(Unsend(message.provider_id, at))
        if "react" in kinds:
            found.append(Reaction(message.provider_id, at, "❤", message.person))
        if "take back" in kinds:
            found.append(Reaction(message.provider_id, at + timedelta(seconds=1), "", message.person))
        if "receipt" in kinds and message.outbound:
            found.append(Receipt(message.provider_id, draw(st.sampled_from(STATES)), at))
        if draw(st.booleans()):
            found.append(Seen(message.person, at))
    return found


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    listed = draw(batches())
    batch: list[Event] = [*listed, *draw(changes(listed))]
    jumbled = draw(st.permutations(batch + draw(st.lists(st.sampled_from(batch), max_size=6))))
    cuts = sorted(draw(st.lists(st.integers(0, len(jumbled)), max_size=4)))
    return batch, [jumbled[start:end] for start, end in zip([0, *cuts], [*cuts, len(jumbled)], strict=True)]


@pytest.mark.property
@pytest.mark.slow
def test_any_permutation_duplication_and_splitting_gives_the_same_database(clinic: Clinic) -> None:
    clinic.connected_at(T0)

    @given(deliveries())
    def check(delivered: tuple[list, list[list]]) -> None:
        batch, slices = delivered
        wipe(clinic.database)
        take_in(clinic.database, clinic.account_id, batch)
        expected = dump(clinic.database)
        wipe(clinic.database)
        for part in slices:
            take_in(clinic.database, clinic.account_id, part)
        assert dump(clinic.database) == expected
        assert_consistent(clinic.database)

    check()


@pytest.mark.property
def test_any_order_and_repetition_of_receipts_gives_the_same_ticks(clinic: Clinic) -> None:
    receive(clinic, event("in"))
    conversation = clinic.conversation_id()

    @given(st.data())
    def check(data: st.DataObject) -> None:
        heard = [
            Receipt(f"SM{number}", state)
            for number in range(3)
            for state in data.draw(st.sets(st.sampled_from(STATES)))
        ]
        jumbled = data.draw(st.permutations(heard * 2))
        cut = data.draw(st.integers(0, len(jumbled)))
        expected = _ticks_after(clinic, conversation, [heard])
        assert _ticks_after(clinic, conversation, [jumbled[:cut], jumbled[cut:]]) == expected
        assert_consistent(clinic.database)

    check()


def _ticks_after(clinic: Clinic, conversation: int, parts: list[list[Receipt]]) -> list[tuple]:
    from sqlalchemy import delete, select, update

    with clinic.database.transaction() as session:
        session.execute(delete(Message).where(Message.author == Author.STAFF))
        session.execute(update(Conversation).values(message_count=4, failed_count=0, waiting_since=None))
        for number in range(3):
            at = T0 + timedelta(minutes=number + 1)
            session.add(
                Message(
                    conversation_id=conversation, account_id=clinic.account_id, author=Author.STAFF, body="Reply", at=at,
                    arrived_at=at + timedelta(days=3650), provider_id=f"SM{number}", delivery=Delivery.SENT, claimed_at=at,
                )
            )  # fmt: skip
        session.flush()
        roll_up.recompute_newest(session, session.get_one(Conversation, conversation))
    for part in parts:
        with clinic.database.transaction() as session:
            receipts.apply_receipts(session, clinic.account_id, part)
    with clinic.database.reading() as session:
        ticks = session.execute(
            select(Message.provider_id, Message.delivery, Message.problem).order_by(Message.provider_id)
        ).all()
        head = session.execute(select(Conversation.failed_count, Conversation.waiting_since)).all()
    return [*map(tuple, ticks), *map(tuple, head)]
