"""What the tests of messages do again and again, and what must hold after anything they do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, text
from genko.channels.base import Author, Delivery
from genko.channels.events import Inbound
from genko.channels.models import ChannelAccount
from genko.db import Database
from genko.leads.models import Lead
from genko.messages import (
    conversations,
    delivery,
    follow_receipts,
    inbox,
    incoming,
    new_conversation,
    outbox,
    unconfirmed,
)
from genko.messages.change_models import EarlyChange, MessageReaction
from genko.messages.inbox import InboxFilter, Tab
from genko.messages.models import (
    Answer,
    Conversation,
    ConversationStatus,
    ConversationTally,
    Identity,
    Message,
    MessageFile,
    Priority,
    Unprocessed,
)
from genko.messages.new_conversation import Contact
from tests.factories import Clinic

PERSON = "whatsapp:+491510000001"
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAWN = datetime.min.replace(tzinfo=UTC)


@dataclass
class Travel:
    """The clock of the program, which can be moved and stopped."""

    ahead: timedelta = timedelta()
    stopped: datetime | None = None

    def now(self) -> datetime:
        return self.stopped or datetime.now(UTC) + self.ahead

    def forward(self, **by: float) -> None:
        self.ahead += timedelta(**by)
        if self.stopped:
            self.stopped += timedelta(**by)

    def stop(self, at: datetime) -> None:
        self.stopped = at


def event(
    provider_id: str, body: str = "Hello", *, person: str = PERSON, at: datetime = T0, **more: Any
) -> Inbound:
    return Inbound(provider_id=provider_id, person=person, at=at, body=body, **more)


def receive(clinic: Clinic, *events: Inbound, live: bool = True) -> int:
    with clinic.database.transaction() as session:
        return incoming.receive(session, clinic.account_id, events, live=live)


def queue(
    clinic: Clinic,
    conversation: int,
    body: str = "Of course!",
    *,
    token: str | None = None,
    by: int | None = None,
) -> int:
    with clinic.database.transaction() as session:
        return outbox.queue(
            session, conversation, body, by=by or clinic.maria, token=token or f"token of {body}"
        ).id


def begin(session: Session, clinic: Clinic, contact: Contact, *, account_id: int | None = None) -> int:
    """A conversation that staff start: of high priority, without AI."""
    return new_conversation.start(
        session,
        account_id or clinic.account_id,
        contact,
        by=clinic.maria,
        priority=Priority.HIGH,
        ai_enabled=False,
    )


def deliver(clinic: Clinic, worker: str = "w1") -> int:
    return delivery.deliver(clinic.database, clinic.connector, clinic.due(), worker)


def confirm(clinic: Clinic) -> int:
    return unconfirmed.confirm(clinic.database, clinic.connector, clinic.due())


def follow(clinic: Clinic, *, sweep: bool = False) -> int:
    return follow_receipts.follow(clinic.database, clinic.connector, clinic.due(), sweep=sweep)


def message(clinic: Clinic, message_id: int) -> Message:
    with clinic.database.reading() as session:
        return session.get_one(Message, message_id)


def conversation(clinic: Clinic, conversation_id: int) -> Conversation:
    with clinic.database.reading() as session:
        return session.get_one(Conversation, conversation_id)


def account(clinic: Clinic) -> ChannelAccount:
    with clinic.database.reading() as session:
        return session.get_one(ChannelAccount, clinic.account_id)


def everything(database: Database, table: type) -> list[Any]:
    with database.reading() as session:
        return list(session.scalars(sa.select(table).order_by(*sa.inspect(table).primary_key)))


def at_once(*works: Callable[[], object]) -> list[object]:
    """Runs each on a thread of its own, let go together; an error of any is raised here."""
    gate, results, errors = Barrier(len(works)), [None] * len(works), []

    def run(place: int, work: Callable[[], object]) -> None:
        gate.wait(10)
        try:
            results[place] = work()
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=run, args=pair, daemon=True) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "a thread did not come to its end"
    if errors:
        raise errors[0]
    return results


def overtaken(
    database: Database, first: Callable[[Session], object], second: Callable[[Session], object]
) -> None:
    """`second` runs while `first` has written and not yet committed."""

    def run() -> None:
        try:
            with database.transaction() as session:
                second(session)
        except BaseException as error:
            errors.append(error)

    errors: list[BaseException] = []
    thread = Thread(target=run, daemon=True)
    with database.transaction() as session:
        first(session)
        session.flush()
        thread.start()
        thread.join(0.3)  # gives the race its chance; what is asserted holds without it
    thread.join(30)
    assert not thread.is_alive(), "a thread did not come to its end"
    if errors:
        raise errors[0]


def assert_consistent(database: Database) -> None:
    """Every roll-up equals a recomputation from the messages, every count the list it stands for."""
    with database.reading() as session:
        for row in session.scalars(sa.select(Conversation)):
            _assert_rolled_up(session, row)
        _assert_counts(session)


def _assert_rolled_up(session: Session, row: Conversation) -> None:
    found = session.scalars(
        sa.select(Message).where(Message.conversation_id == row.id).order_by(Message.at, Message.id)
    ).all()
    inbound = [one for one in found if one.author is Author.PATIENT]
    assert row.message_count == len(found)
    assert row.inbound_count <= len(inbound)
    assert row.failed_count == sum(1 for one in found if _asks_staff(one))
    assert row.last_inbound_at == max((one.at for one in inbound), default=None)
    if found:
        assert (row.last_message_at, row.preview_author) == (found[-1].at, found[-1].author)
        if found[-1].body.strip():
            assert row.preview == text.one_line(found[-1].body)
    replies = [one for one in found if _answers(one)]
    here = [one.arrived_at for one in replies if one.author in {Author.STAFF, Author.AI}]
    here += [row.attended_at] if row.attended_at else []
    elsewhere = [(one.at, one.id) for one in replies if one.author not in {Author.STAFF, Author.AI}]
    dealt_with, answered = max(here, default=DAWN), max(elsewhere, default=(DAWN, 0))
    open_ones = [one.at for one in inbound if one.arrived_at > dealt_with and (one.at, one.id) > answered]
    waiting = min(open_ones, default=None)
    if row.status is ConversationStatus.ACTIVE:
        assert row.waiting_since == waiting
    else:
        assert row.waiting_since is None


def _asks_staff(one: Message) -> bool:
    unknown = one.delivery is Delivery.UNCONFIRMED and one.next_attempt_at is None
    return (one.delivery is Delivery.FAILED or unknown) and not one.settled


def _answers(one: Message) -> bool:
    answers_nothing = {Author.PATIENT, Author.AUTOMATIC}
    return one.author not in answers_nothing and one.delivery is not Delivery.FAILED


def _assert_counts(session: Session) -> None:
    by = session.scalar(sa.text("SELECT min(id) FROM staff_member"))
    kept = {
        (one.account_id, one.status): one.conversations
        for one in session.scalars(sa.select(ConversationTally))
        if one.conversations
    }
    counted = sa.select(Conversation.account_id, Conversation.status, sa.func.count()).group_by(
        Conversation.account_id, Conversation.status
    )
    assert kept == {(account_id, status): number for account_id, status, number in session.execute(counted)}
    for tab in Tab:
        page = inbox.find_page(session, InboxFilter(tab=tab), by=by, at=clock.now(), rows=10_000)
        assert len(page.rows) == (page.active if tab is Tab.ACTIVE else page.closed)


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All that a batch of events can change, without ids and arrival times."""
    questions = {
        "conversations": sa.select(
            Identity.external_id, Identity.profile_name, Identity.phone, Identity.opted_out_at, Identity.opted_in_at, Identity.seen_at,
            Conversation.status, Conversation.name, Conversation.message_count, Conversation.inbound_count,
            Conversation.failed_count, Conversation.preview, Conversation.preview_author, Conversation.last_message_at,
            Conversation.last_inbound_at, Conversation.waiting_since, Conversation.created_at,
        ).join(Identity, Identity.id == Conversation.identity_id),
        "messages": sa.select(
            Identity.external_id, Message.provider_id, Message.at, Message.author, Message.body, Message.delivery, Message.notice,
            Message.edited_at, Message.unsent_at,
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Identity, Identity.id == Conversation.identity_id),
        "reactions": sa.select(Message.provider_id, MessageReaction.person, MessageReaction.emoji, MessageReaction.at)
        .join(Message, Message.id == MessageReaction.message_id),
        "early": sa.select(EarlyChange.kind, EarlyChange.subject, EarlyChange.digest),
        "files": sa.select(MessageFile.provider_ref, MessageFile.state),
        "leads": sa.select(Lead.first_name, Lead.phone, Lead.created_at, Lead.stage, Lead.source),
        "tallies": sa.select(ConversationTally.status, ConversationTally.conversations).where(ConversationTally.conversations != 0),
        "tray": sa.select(Unprocessed.provider_id, Unprocessed.reason),
        "accounts": sa.select(ChannelAccount.last_in_at),
    }  # fmt: skip
    with database.reading() as session:
        return {
            name: sorted((tuple(row) for row in session.execute(asked)), key=repr)
            for name, asked in questions.items()
        }


def wipe(database: Database) -> None:
    """Takes out all that came with messages, so that one test can play a scene many times."""
    with database.transaction() as session:
        session.execute(sa.text("DELETE FROM conversation_search"))
        if database.dialect == "sqlite":
            session.execute(sa.text("INSERT INTO message_search(message_search) VALUES ('delete-all')"))
        else:
            session.execute(sa.text("DELETE FROM message_search"))
        for table in (
            EarlyChange,
            MessageReaction,
            MessageFile,
            Message,
            Answer,
            Conversation,
            Identity,
            Lead,
            ConversationTally,
            Unprocessed,
        ):
            session.execute(sa.delete(table))
        session.execute(sa.update(ChannelAccount).values(last_in_at=None))


def set_status(clinic: Clinic, conversation_id: int, status: ConversationStatus) -> None:
    with clinic.database.transaction() as session:
        conversations.set_status(session, conversation_id, status, by=clinic.maria)


def bodies(messages: Iterable[Any]) -> list[str]:
    return [one.body for one in messages]


def refused(work: Callable[[], object], error: type[Exception]) -> str:
    """The sentence of a refusal."""
    with pytest.raises(error) as caught:
        work()
    return str(caught.value)
