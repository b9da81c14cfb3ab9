"""Who can be given a conversation."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.access import audit, roles
from genko.access.models import Role, StaffMember
from genko.errors import NotAllowed, Refused
from genko.messages import conversations, roll_up


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
    return [Assignee(*member) for member in members]


def assign(session: Session, conversation_id: int, assignee_id: int | None, *, by: int) -> None:
    """To nobody with `assignee_id` None."""
    roles.require(session, by, Role.STAFF)
    if assignee_id is not None:
        _refuse_if_not_able(session, assignee_id)
    conversation = conversations.get(session, conversation_id)
    conversation.assignee_id = assignee_id
    roll_up.mark_changed(session, conversation_id)
    to = f"staff {assignee_id}" if assignee_id else "nobody"
    audit.record(session, "assign", by=by, subject_kind="conversation", subject_id=conversation_id, detail=to)


def _refuse_if_not_able(session: Session, assignee_id: int) -> None:
    try:
        roles.require(session, assignee_id, Role.STAFF)
    except NotAllowed as error:
        member = session.get(StaffMember, assignee_id)
        name = member.name if member else "This person"
        raise Refused(f"{name} cannot answer conversations. Choose somebody else.") from error
