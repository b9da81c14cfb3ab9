"""What a role may do. Every verb asks here first; a screen that hides a button is a courtesy, not the rule."""

from sqlalchemy.orm import Session

from genko.access.models import Role, StaffMember
from genko.errors import NotAllowed

_RANK = {Role.VIEWER: 0, Role.STAFF: 1, Role.ADMIN: 2}


def require(session: Session, by: int, needed: Role) -> StaffMember:
    """The acting staff member; NotAllowed when the role is too low or the person has left."""
    member = session.get(StaffMember, by)
    if member is None or not member.active:
        raise NotAllowed("This account is no longer active. Sign in again.")
    if _RANK[member.role] < _RANK[needed]:
        raise NotAllowed(
            "Only an administrator may do this."
            if needed is Role.ADMIN
            else "Your role lets you read, not change."
        )
    return member
