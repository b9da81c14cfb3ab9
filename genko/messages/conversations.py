"""A conversation by its id, and what staff set on it."""

from sqlalchemy.orm import Session

from genko import db
from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import NotFound
from genko.messages import roll_up
from genko.messages.models import Conversation, ConversationStatus, Priority

_GONE = "This conversation does not exist."


def get(session: Session, conversation_id: int) -> Conversation:
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFound(_GONE)
    return conversation


def lock(session: Session, conversation_id: int) -> Conversation:
    """As it is now, and nobody else changes it until the transaction ends."""
    conversation = db.locked(session, Conversation, conversation_id)
    if conversation is None:
        raise NotFound(_GONE)
    return conversation


def set_status(session: Session, conversation_id: int, status: ConversationStatus, *, by: int) -> None:
    """Staff set any status. Pending and Resolved mean that nobody waits for us."""
    roles.require(session, by, Role.STAFF)
    conversation = lock(session, conversation_id)
    if conversation.status is status:
        return
    roll_up.set_status(session, conversation, status)
    _audit(session, f"status:{status}", conversation_id, by)


def set_priority(session: Session, conversation_id: int, priority: Priority, *, by: int) -> None:
    roles.require(session, by, Role.STAFF)
    get(session, conversation_id).priority = priority
    roll_up.mark_changed(session, conversation_id)
    _audit(session, f"priority:{priority}", conversation_id, by)


def set_ai(session: Session, conversation_id: int, enabled: bool, *, by: int) -> None:
    roles.require(session, by, Role.STAFF)
    get(session, conversation_id).ai_enabled = enabled
    roll_up.mark_changed(session, conversation_id)
    _audit(session, "ai:on" if enabled else "ai:off", conversation_id, by)


def _audit(session: Session, action: str, conversation_id: int, by: int) -> None:
    audit.record(session, action, by=by, subject_kind="conversation", subject_id=conversation_id)
