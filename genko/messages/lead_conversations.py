"""Which leads have a conversation."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.messages.models import Conversation, Identity


def find_talking(session: Session, lead_ids: Sequence[int]) -> dict[int, str]:
    """By the lead's id: the name that its newest conversation shows."""
    if not lead_ids:
        return {}
    names = sa.select(Identity.lead_id, Conversation.name).join(
        Conversation, Conversation.identity_id == Identity.id
    )
    rows = session.execute(names.where(Identity.lead_id.in_(lead_ids)).order_by(Conversation.id))
    return {lead_id: name for lead_id, name in rows if lead_id is not None}
