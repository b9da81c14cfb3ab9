"""Addresses from which a person writes to us, by phone number."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.messages.models import Conversation, Identity
from genko.messages.same_person.keys import matches, spellings


def has_phone(phone: str) -> sa.ColumnElement[bool]:
    """On an identity. False, not unknown, where the channel hides the number."""
    return sa.func.coalesce(matches(spellings(phone), Identity.phone), sa.false())


def find_identity(
    session: Session, account_id: int, phone: str, *, prepared: bool = False
) -> Identity | None:
    """The oldest address of this phone on one account of ours.

    `prepared` finds only one under another spelling, where staff began a conversation and nothing has been written yet.
    """
    chosen = (
        sa.select(Identity).where(Identity.account_id == account_id, has_phone(phone)).order_by(Identity.id)
    )
    if prepared:
        is_empty = sa.and_(Conversation.message_count == 0, Identity.phone != phone)
        chosen = chosen.join(Conversation, Conversation.identity_id == Identity.id).where(is_empty)
        chosen = chosen.with_for_update()
    return session.scalar(chosen.limit(1))
