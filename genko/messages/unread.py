"""What one staff member has not read yet. Unread is kept per staff member, by how many patient messages they have seen."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db
from genko.access.models import StaffMember
from genko.channels.base import Author
from genko.channels.models import ChannelAccount
from genko.errors import Refused
from genko.messages import conversations, roll_up
from genko.messages.models import Conversation, ConversationSeen, Message

_SEEN = (
    sa.select(ConversationSeen.inbound_seen)
    .where(
        ConversationSeen.conversation_id == Conversation.id, ConversationSeen.staff_id == sa.bindparam("by")
    )
    .scalar_subquery()
)
_JOINED_AT = sa.select(StaffMember.created_at).where(StaffMember.id == sa.bindparam("by")).scalar_subquery()
_ARRIVED_SINCE_JOINED = (
    sa.select(sa.func.count(Message.id))
    .join(ChannelAccount, ChannelAccount.id == Message.account_id)
    .where(
        Message.conversation_id == Conversation.id,
        Message.author == Author.PATIENT,
        Message.arrived_at > _JOINED_AT,
        Message.arrived_at > ChannelAccount.created_at,
    )
    .correlate(Conversation)
    .scalar_subquery()
)
# For somebody who has never opened the conversation: messages from before they worked here are not theirs to read, and
# history is nobody's.
_SINCE_JOINED = sa.case(
    (Conversation.created_at > _JOINED_AT, Conversation.inbound_count),  # the same number, counted already
    (Conversation.last_inbound_at > _JOINED_AT, _ARRIVED_SINCE_JOINED),
    else_=0,
)
# Of the staff member `by`. Look-ups in place of outer joins: SQLite would read a joined table whole to build a filter.
COUNT = sa.func.coalesce(Conversation.inbound_count - _SEEN, _SINCE_JOINED)


def count_unread(session: Session, conversation_id: int, *, by: int) -> int:
    statement = sa.select(COUNT).where(Conversation.id == conversation_id)
    return max(0, session.execute(statement, {"by": by}).scalar_one())


def count_unread_of(session: Session, conversation_ids: Sequence[int], *, by: int) -> dict[int, int]:
    """The same of many conversations, by their ids."""
    rows = session.execute(_COUNTS, {"ids": conversation_ids, "by": by})
    return {conversation_id: max(0, count) for conversation_id, count in rows}


_COUNTS = sa.select(Conversation.id, COUNT).where(Conversation.id.in_(sa.bindparam("ids", expanding=True)))


def see(session: Session, conversation_id: int, inbound_seen: int, *, by: int) -> None:
    """Marks the first `inbound_seen` patient messages as read by this person; never goes back."""
    _note_seen(session, conversation_id, inbound_seen, by, ConversationSeen.inbound_seen < inbound_seen)


def mark_unread(session: Session, conversation_id: int, *, by: int) -> None:
    """The patient's newest message is unread again, for this person alone."""
    conversation = conversations.get(session, conversation_id)
    if not conversation.inbound_count:
        raise Refused("Nothing has come in here that could be unread.")
    _note_seen(session, conversation_id, conversation.inbound_count - 1, by)
    roll_up.mark_changed(session, conversation_id)  # so that this person's other screens show it


def _note_seen(
    session: Session,
    conversation_id: int,
    inbound_seen: int,
    by: int,
    where: sa.ColumnElement[bool] | None = None,
) -> None:
    statement = db.insert(session, ConversationSeen).values(
        conversation_id=conversation_id, staff_id=by, inbound_seen=inbound_seen
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation_id", "staff_id"], set_={"inbound_seen": inbound_seen}, where=where
        )
    )
