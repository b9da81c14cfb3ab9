"""Which leads have written, or been written to."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.messages.models import Conversation, Identity


def find_talking(session: Session, lead_ids: Sequence[int]) -> dict[int, str]:
    """Those of them that have a conversation, and the name under which the newest one stands."""
    if not lead_ids:
        return {}
    asked = sa.select(Identity.lead_id, Conversation.name).join(
        Conversation, Conversation.identity_id == Identity.id
    )
    rows = session.execute(asked.where(Identity.lead_id.in_(lead_ids)).order_by(Conversation.id))
    return {number: name for number, name in rows if number is not None}
