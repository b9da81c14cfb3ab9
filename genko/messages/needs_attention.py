"""Conversations that need a person. They are few, and each kind is found by a partial index of its own."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from genko.channels import registry
from genko.channels.models import ChannelAccount
from genko.messages.models import Conversation
from genko.messages.reply_window import CLOSES_SOON


class Need(StrEnum):
    WAITING = "waiting"
    UNSENT = "unsent"
    CLOSING = "closing"


# Literal, so that the partial index serves it.
_UNSENT = sa.text("conversation.failed_count > 0")


def condition(need: Need, at: datetime) -> sa.ColumnElement[bool] | sa.TextClause:
    if need is Need.WAITING:
        return Conversation.waiting_since.is_not(None)
    if need is Need.UNSENT:
        return _UNSENT
    return sa.or_(sa.false(), *(closes_soon(channel, at) for channel in registry.CHANNELS))


def closes_soon(channel: str, at: datetime) -> sa.ColumnElement[bool]:
    """The people who wait on a channel and whom we can soon no longer answer freely."""
    closed = registry.kind(channel).policy.closed_if_last_wrote_by(at)
    if closed is None:
        return sa.false()
    accounts = sa.select(ChannelAccount.id).where(ChannelAccount.channel == channel)
    return sa.and_(
        Conversation.waiting_since.is_not(None),
        Conversation.account_id.in_(accounts),
        Conversation.last_inbound_at > closed,
        Conversation.last_inbound_at <= closed + CLOSES_SOON,
    )
