"""What staff do with a conversation as a whole, and the one place where its status changes."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db
from genko.access import audit, roles
from genko.access.models import Role, StaffMember
from genko.channels.base import Author
from genko.channels.models import ChannelAccount
from genko.errors import NotAllowed, NotFound, Refused
from genko.messages import roll_up
from genko.messages.models import Conversation, ConversationSeen, ConversationStatus, Message, Priority

_JOINED = sa.select(StaffMember.created_at).where(StaffMember.id == sa.bindparam("by")).scalar_subquery()
# Unread by somebody who has never opened the conversation: what came before they worked here was others' to read, and
# history is nobody's.
SINCE_JOINED = sa.case(
    (Conversation.created_at > _JOINED, Conversation.inbound_count),  # the same, counted already
    (
        Conversation.last_inbound_at > _JOINED,
        sa.select(sa.func.count(Message.id))
        .join(ChannelAccount, ChannelAccount.id == Message.account_id)
        .where(
            Message.conversation_id == Conversation.id,
            Message.author == Author.PATIENT,
            Message.arrived_at > _JOINED,
            Message.arrived_at > ChannelAccount.created_at,
        )
        .correlate(Conversation)
        .scalar_subquery(),
    ),
    else_=0,
)


def count_since_joined(session: Session, conversation_id: int, *, by: int) -> int:
    counted = sa.select(SINCE_JOINED).where(Conversation.id == conversation_id)
    return int(session.execute(counted, {"by": by}).scalar_one())


def get(session: Session, conversation_id: int) -> Conversation:
    found = session.get(Conversation, conversation_id)
    if found is None:
        raise NotFound("This conversation does not exist.")
    return found


def lock(session: Session, conversation_id: int) -> Conversation:
    """The conversation as it is now, kept so until the transaction ends: for changes that depend on what it was."""
    found = db.locked(session, Conversation, conversation_id)
    if found is None:
        raise NotFound("This conversation does not exist.")
    return found


def set_status(session: Session, conversation_id: int, status: ConversationStatus, *, by: int) -> None:
    """Staff set any status. Pending and Resolved mean that nobody waits for us."""
    roles.require(session, by, Role.STAFF)
    conversation = lock(session, conversation_id)
    if conversation.status is status:
        return
    roll_up.set_status(session, conversation, status)
    audit.record(session, f"status:{status}", by=by, subject_kind="conversation", subject_id=conversation_id)


def set_priority(session: Session, conversation_id: int, priority: Priority, *, by: int) -> None:
    roles.require(session, by, Role.STAFF)
    conversation = get(session, conversation_id)
    conversation.priority = priority
    roll_up.mark_changed(session, conversation_id)
    audit.record(
        session, f"priority:{priority}", by=by, subject_kind="conversation", subject_id=conversation_id
    )


def set_ai(session: Session, conversation_id: int, enabled: bool, *, by: int) -> None:
    roles.require(session, by, Role.STAFF)
    conversation = get(session, conversation_id)
    conversation.ai_enabled = enabled
    roll_up.mark_changed(session, conversation_id)
    action = "ai:on" if enabled else "ai:off"
    audit.record(session, action, by=by, subject_kind="conversation", subject_id=conversation_id)


def assign(session: Session, conversation_id: int, assignee_id: int | None, *, by: int) -> None:
    roles.require(session, by, Role.STAFF)
    if assignee_id is not None:
        _may_answer(session, assignee_id)
    conversation = get(session, conversation_id)
    conversation.assignee_id = assignee_id
    roll_up.mark_changed(session, conversation_id)
    to = f"staff {assignee_id}" if assignee_id else "nobody"
    audit.record(session, "assign", by=by, subject_kind="conversation", subject_id=conversation_id, detail=to)


def _may_answer(session: Session, assignee_id: int) -> None:
    try:
        roles.require(session, assignee_id, Role.STAFF)
    except NotAllowed as error:
        who = session.get(StaffMember, assignee_id)
        name = who.name if who else "This person"
        raise Refused(f"{name} cannot answer conversations. Choose somebody else.") from error


def see(session: Session, conversation_id: int, inbound_seen: int, *, by: int) -> None:
    """Marks the first `inbound_seen` patient messages as read by this person; never goes back."""
    _note_seen(session, conversation_id, inbound_seen, by, ConversationSeen.inbound_seen < inbound_seen)


def mark_unread(session: Session, conversation_id: int, *, by: int) -> None:
    """The patient's newest message, once more, for this person alone."""
    conversation = get(session, conversation_id)
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
    values = {"conversation_id": conversation_id, "staff_id": by, "inbound_seen": inbound_seen}
    statement = db.insert(session, ConversationSeen).values(**values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation_id", "staff_id"], set_={"inbound_seen": inbound_seen}, where=where
        )
    )


@dataclass(frozen=True)
class Assignee:
    id: int
    name: str


def find_assignees(session: Session) -> list[Assignee]:
    members = session.execute(
        sa.select(StaffMember.id, StaffMember.name)
        .where(StaffMember.active, StaffMember.role != Role.VIEWER)
        .order_by(StaffMember.name)
    )
    return [Assignee(number, name) for number, name in members]
