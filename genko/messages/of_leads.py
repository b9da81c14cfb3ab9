"""Which leads have written, or been written to."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.messages.models import Conversation, Identity


def find_talking(session: Session, lead_ids: Sequence[int]) -> set[int]:
    """Those of them that have a conversation."""
    if not lead_ids:
        return set()
    asked = sa.select(Identity.lead_id).join(Conversation, Conversation.identity_id == Identity.id)
    return {one for one in session.scalars(asked.where(Identity.lead_id.in_(lead_ids))) if one is not None}
