"""The rows of the list, as they are drawn, and the statements that read them."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.channels import registry
from genko.channels.base import Author
from genko.channels.models import ChannelAccount
from genko.messages import unread
from genko.messages.inbox.counts import stored_counts
from genko.messages.inbox.filters import InboxFilter, Order, Tab, in_tab
from genko.messages.models import Conversation, ConversationStatus, Priority
from genko.messages.reply_window import window

NEWEST_FIRST = Conversation.last_message_at.desc(), Conversation.id.desc()
LONGEST_WAIT_FIRST = Conversation.waiting_since, Conversation.id


class ConversationRow(NamedTuple):
    id: int
    name: str
    preview: str
    preview_author: Author
    status: ConversationStatus
    priority: Priority
    ai_enabled: bool
    message_count: int
    unread: int
    failed: bool
    last_message_at: datetime
    waiting_since: datetime | None
    window_closes_at: datetime | None  # only while it closes soon
    channel: str
    channel_label: str
    account: str
    account_colour: str
    match: str | None = None  # the text that a search found


class StoredRow(NamedTuple):
    """As the statements below read it, in this order."""

    id: int
    name: str
    preview: str
    preview_author: Author
    status: ConversationStatus
    priority: Priority
    ai_enabled: bool
    message_count: int
    unread: int
    failed_count: int
    last_message_at: datetime
    waiting_since: datetime | None
    last_inbound_at: datetime | None
    channel: str
    account: str
    account_colour: str
    active: int | None  # counts of both tabs, None in a search
    closed: int | None


def find_rows(
    session: Session, chosen: InboxFilter, by: int, limit: int, matches: Collection[int] | None = None
) -> list[StoredRow]:
    """Of all conversations, or of the `matches` (ids). In the order of waiting, those who wait come first."""
    values: dict[str, Any] = {"by": by, "account_id": chosen.account_id, "matches": sorted(matches or ())}
    parts = (True, False) if chosen.order is Order.WAITING else (None,)
    rows: list[StoredRow] = []
    for waiting in parts:
        if len(rows) == limit:
            break
        statement = _list(
            chosen.tab,
            chosen.status,
            of_account=chosen.account_id is not None,
            waiting=waiting,
            of_matches=matches is not None,
        )
        part = session.execute(statement, values | {"limit": limit - len(rows)})
        rows += map(StoredRow._make, part)
    return rows


def drawn(row: StoredRow, at: datetime, match: str | None = None) -> ConversationRow:
    reply_window = window(row.channel, row.last_inbound_at)
    closes_soon = row.waiting_since is not None and reply_window.closes_soon(at)
    return ConversationRow(
        *row[:8],
        unread=max(0, row.unread),
        failed=row.failed_count > 0,
        last_message_at=row.last_message_at,
        waiting_since=row.waiting_since,
        window_closes_at=reply_window.closes_at if closes_soon else None,
        channel=row.channel,
        channel_label=registry.kind(row.channel).label,
        account=row.account,
        account_colour=row.account_colour,
        match=match,
    )


_ROWS: sa.Select[*tuple[Any, ...]] = sa.select(
    Conversation.id,
    Conversation.name,
    Conversation.preview,
    Conversation.preview_author,
    Conversation.status,
    Conversation.priority,
    Conversation.ai_enabled,
    Conversation.message_count,
    unread.COUNT,
    Conversation.failed_count,
    Conversation.last_message_at,
    Conversation.waiting_since,
    Conversation.last_inbound_at,
    ChannelAccount.channel,
    ChannelAccount.label,
    ChannelAccount.colour,
).join(ChannelAccount, ChannelAccount.id == Conversation.account_id)


@cache
def _list(
    tab: Tab, status: ConversationStatus | None, *, of_account: bool, waiting: bool | None, of_matches: bool
) -> sa.Select[*tuple[Any, ...]]:
    """A few dozen statements, each built once. `waiting` None means everybody, who waits or not."""
    counts = (sa.null(), sa.null()) if of_matches else stored_counts(tab, status, of_account=of_account)
    statement = _ROWS.add_columns(*counts).where(in_tab(tab, status)).limit(sa.bindparam("limit"))
    if of_account:
        statement = statement.where(Conversation.account_id == sa.bindparam("account_id"))
    if of_matches:
        ids: sa.BindParameter[int] = sa.bindparam("matches", expanding=True, literal_execute=True)
        statement = statement.where(Conversation.id.in_(ids))
    if waiting is not None:
        waits = Conversation.waiting_since.is_not(None)
        statement = statement.where(waits if waiting else ~waits)
    return statement.order_by(*(LONGEST_WAIT_FIRST if waiting else NEWEST_FIRST))
