"""Who waits for an answer, and what ends a wait.

A patient's message begins a wait. A reply ends it, whoever wrote it and in whichever tool, unless the reply failed. An
automatic text answers nothing. A reply that was sent from here answers everything that had arrived by then, because that
is what its author could see. A reply that was written elsewhere answers what was written before it, in whatever order the
provider lists the two.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.channels.base import Author, Delivery
from genko.channels.events import Inbound
from genko.messages.models import Answer, Conversation, Message

_FROM_HERE = frozenset({Author.STAFF, Author.AI})
_FROM_ELSEWHERE = frozenset({Author.OTHER_TOOL, Author.PROVIDER_APP})


def ends_a_wait(author: Author, delivery: Delivery | None) -> bool:
    return author in _FROM_HERE | _FROM_ELSEWHERE and delivery is not Delivery.FAILED


def is_sent_from_here(author: Author) -> bool:
    return author in _FROM_HERE


SENT_FROM_HERE = Message.author.in_(_FROM_HERE)
_WRITTEN_ELSEWHERE = Message.author.in_(_FROM_ELSEWHERE)
_NOT_FAILED = Message.delivery.is_distinct_from(Delivery.FAILED)
ENDS_A_WAIT = sa.and_(sa.or_(SENT_FROM_HERE, _WRITTEN_ELSEWHERE), _NOT_FAILED)


def find_waiting_since(session: Session, conversation: Conversation) -> datetime | None:
    """When the first message was written that nobody has answered, from all stored messages."""
    of_conversation = Message.conversation_id == conversation.id
    answered_at = session.scalar(
        sa.select(sa.func.max(Message.arrived_at)).where(of_conversation, SENT_FROM_HERE, _NOT_FAILED)
    )
    written_elsewhere = session.execute(
        sa.select(Message.at, Message.id)
        .where(of_conversation, _WRITTEN_ELSEWHERE, _NOT_FAILED)
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    ).first()
    unanswered = sa.select(sa.func.min(Message.at)).where(of_conversation, Message.author == Author.PATIENT)
    if dealt_with_at := max(filter(None, (answered_at, conversation.attended_at)), default=None):
        unanswered = unanswered.where(Message.arrived_at > dealt_with_at)
    if written_elsewhere:  # providers count in seconds: within a second, the order of arrival decides
        at, message_id = written_elsewhere
        later = sa.or_(Message.at > at, sa.and_(Message.at == at, Message.id > message_id))
        unanswered = unanswered.where(later)
    return session.scalar(unanswered)


def waits_after(session: Session, conversation: Conversation, events: Sequence[Inbound]) -> datetime | None:
    """Since when somebody waits after these new messages, oldest first. Keeps how long an answered wait was."""
    since = conversation.waiting_since
    for event in events:
        if not event.outbound:
            since = min(since or event.at, event.at)
        elif since and since <= event.at and ends_a_wait(event.author, event.delivery):
            keep_answer(session, conversation.id, since, event.at, staff_id=None)
            since = None
    return since


def keep_answer(
    session: Session, conversation_id: int, asked_at: datetime, answered_at: datetime, staff_id: int | None
) -> None:
    """For the time to first reply."""
    session.add(
        Answer(conversation_id=conversation_id, asked_at=asked_at, answered_at=answered_at, staff_id=staff_id)
    )


def forget_answers(session: Session, conversation_id: int, waiting_since: datetime) -> None:
    """The reply that ended this wait has failed."""
    session.execute(
        sa.delete(Answer)
        .where(Answer.conversation_id == conversation_id, Answer.asked_at >= waiting_since)
        .execution_options(synchronize_session=False)
    )
