"""What a role may do. Every verb asks here first; a screen that hides a button is a courtesy, not the rule."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.access.models import Role, StaffMember
from genko.errors import NotAllowed

_RANK = {Role.VIEWER: 0, Role.STAFF: 1, Role.ADMIN: 2}


_ACTING = sa.select(StaffMember.role).where(StaffMember.id == sa.bindparam("by"), StaffMember.active)


def require(session: Session, by: int, needed: Role) -> Role:
    """The acting staff member's role; NotAllowed when it is too low or the person has left."""
    role = session.scalar(_ACTING, {"by": by})
    if role is None:
        raise NotAllowed("This account is no longer active. Sign in again.")
    if _RANK[role] < _RANK[needed]:
        raise NotAllowed(
            "Only an administrator may do this."
            if needed is Role.ADMIN
            else "Your role lets you read, not change."
        )
    return role
