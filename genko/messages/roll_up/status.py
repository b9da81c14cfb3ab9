"""New conversations, their status, and how many conversations each tab has."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db
from genko.messages import search
from genko.messages.models import Conversation, ConversationStatus, ConversationTally, Identity
from genko.messages.roll_up.names import find_names


def create(
    session: Session, identities: Sequence[Identity], started_at: Mapping[int, datetime]
) -> dict[int, int]:
    """A conversation for each of these people of one account.

    `started_at` and the new conversations' ids are by the identity's id.
    """
    if not identities:
        return {}
    names = find_names(session, identities)
    rows = [
        {
            "identity_id": identity.id,
            "account_id": identity.account_id,
            "created_at": started_at[identity.id],
            "name": names[identity.id],
            "last_message_at": started_at[identity.id],
            "changed_at": clock.now(),
        }
        for identity in identities
    ]
    inserted = db.insert_all(session, Conversation, rows, "identity_id", "id")
    conversation_ids = {identity_id: conversation_id for identity_id, conversation_id in inserted}
    _count(session, identities[0].account_id, ConversationStatus.ACTIVE, len(conversation_ids))
    search.index_conversations(
        session,
        [(conversation_ids[identity.id], names[identity.id], identity.phone) for identity in identities],
    )
    return conversation_ids


def set_status(session: Session, conversation: Conversation, status: ConversationStatus) -> None:
    """By staff. Pending and Resolved mean that nobody waits for us."""
    move(session, conversation, status)
    if status is not ConversationStatus.ACTIVE:
        conversation.waiting_since = None
        attend(conversation)


def attend(conversation: Conversation) -> None:
    """Staff have dealt with everything that has arrived until now."""
    conversation.attended_at = clock.now()


def move(session: Session, conversation: Conversation, status: ConversationStatus) -> None:
    """Changes the status and the counts of the tabs, which are locked in one order so that no two writers deadlock."""
    steps = sorted([(conversation.status, -1), (status, 1)])
    conversation.status = status
    conversation.changed_at = clock.now()
    session.flush()
    for counted_status, change in steps:
        _count(session, conversation.account_id, counted_status, change)


def mark_changed(session: Session, conversation_id: int) -> None:
    """Open screens draw the conversation anew."""
    session.execute(
        sa.update(Conversation).where(Conversation.id == conversation_id).values(changed_at=clock.now())
    )


def _count(session: Session, account_id: int, status: ConversationStatus, change: int) -> None:
    statement = db.insert(session, ConversationTally).values(
        account_id=account_id, status=status, conversations=change
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "status"],
            set_={"conversations": ConversationTally.conversations + change},
        )
    )
