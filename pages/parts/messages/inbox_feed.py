"""What the conversation list draws, for the page's script and for the route by which the list keeps up to date."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from genko.access.clinic import get_clinic
from genko.channels import registry
from genko.channels.accounts import find_accounts
from genko.db import Session
from genko.messages import inbox, unread
from genko.messages.inbox import ConversationRow, InboxFilter, InboxPage, Order, Tab
from genko.messages.models import ConversationStatus
from genko.messages.needs_attention import Need
from pages.parts.kit.times import exact, short_date

MOST_ROWS = 500
_ADDRESS = "/admin/api/inbox"
_LONGEST_ID = 15  # digits
_E = TypeVar("_E", bound=StrEnum)


@dataclass(frozen=True)
class Row:
    """One conversation as the list shows it. Times are ISO 8601 in UTC, `…_text` is in the clinic's zone."""

    id: int
    name: str
    preview: str
    preview_author: Literal["patient", "staff", "ai", "other_tool", "provider_app", "automatic"]
    status: Literal["active", "pending", "resolved"]
    priority: Literal["low", "medium", "high"]
    ai: bool
    messages: int
    unread: int
    at: str
    at_text: str
    channel: str
    channel_label: str
    account: str
    account_colour: str | None = None
    waiting_since: str | None = None
    failed: bool = False
    window_closes_at: str | None = None
    match: str | None = None
    date_text: str = ""


@dataclass(frozen=True)
class Empty:
    """What stands in place of the rows. `action` is the label of its button, `leads_to` what the button does."""

    title: str
    text: str
    action: str | None = None
    leads_to: Literal["other tab", "all"] = "all"


_NOBODY = 0  # no staff member has this id


def read_shared(session: Session, wanted: InboxFilter, *, at: datetime, rows: int) -> dict[str, Any]:
    """What is the same for everybody: all but how much each person has not read."""
    return read_inbox(session, wanted, by=_NOBODY, at=at, rows=rows)


def add_unread(session: Session, shared: dict[str, Any], *, by: int) -> dict[str, Any]:
    counts = unread.count_unread_of(session, [row["id"] for row in shared["rows"]], by=by)
    return {**shared, "rows": [{**row, "unread": counts.get(row["id"], 0)} for row in shared["rows"]]}


def read_inbox(session: Session, wanted: InboxFilter, *, by: int, at: datetime, rows: int) -> dict[str, Any]:
    page = inbox.find_page(session, wanted, by=by, at=at, rows=rows)
    zone = ZoneInfo(get_clinic(session).time_zone)
    return {
        "rows": [vars(_row(row, at, zone)) for row in page.rows],
        "more": page.more and len(page.rows) < MOST_ROWS,
        "active": page.active,
        "closed": page.closed,
        "empty": None if page.rows else asdict(_empty(session, page, wanted)),
    }


def address(wanted: InboxFilter, rows: int) -> str:
    """Where the list asks for itself. What is searched for goes in a header, for addresses end up in logs."""
    asked = {
        "tab": wanted.tab,
        "status": wanted.status,
        "account": wanted.account_id,
        "order": wanted.order,
        "need": wanted.need,
        "rows": rows,
    }
    return f"{_ADDRESS}?{urlencode({name: value for name, value in asked.items() if value is not None})}"


def asked_for(query: Mapping[str, str], search: str) -> tuple[InboxFilter, int]:
    """The filter and the number of rows of such an address."""
    wanted = InboxFilter(
        tab=_choice(query, "tab", Tab) or Tab.ACTIVE,
        status=_choice(query, "status", ConversationStatus),
        account_id=_number(query, "account"),
        order=_choice(query, "order", Order) or Order.ACTIVITY,
        search=search,
        need=_choice(query, "need", Need),
    )
    return wanted, min(_number(query, "rows") or inbox.PAGE, MOST_ROWS)


def _choice(query: Mapping[str, str], name: str, kind: type[_E]) -> _E | None:
    typed = query.get(name, "")
    return kind(typed) if typed in set(kind) else None


def _number(query: Mapping[str, str], name: str) -> int | None:
    typed = query.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST_ID else None


def _empty(session: Session, page: InboxPage, wanted: InboxFilter) -> Empty:
    elsewhere = page.closed if wanted.tab is Tab.ACTIVE else page.active
    if elsewhere and wanted.searches:  # a search or a need, which look through both tabs
        other = "Closed chats" if wanted.tab is Tab.ACTIVE else "Active chats"
        return Empty("Nothing here", f"{elsewhere} found under {other}.", f"Show {other}", "other tab")
    if wanted.search.strip() or wanted.status or wanted.account_id or wanted.need:
        return Empty(
            "Nothing matches", "No conversation fits the search and the filters.", "Clear search and filters"
        )
    if not find_accounts(session):
        return Empty("No account is connected", registry.who_connects())
    if wanted.tab is Tab.CLOSED:
        return Empty("No closed chats", "Conversations that you close come here.")
    return Empty("All done", "New messages appear here by themselves.")


def _row(row: ConversationRow, now: datetime, zone: ZoneInfo) -> Row:
    return Row(
        id=row.id,
        name=row.name,
        preview=row.preview,
        preview_author=row.preview_author.value,
        status=row.status.value,
        priority=row.priority.value,
        ai=row.ai_enabled,
        messages=row.message_count,
        unread=row.unread,
        at=row.last_message_at.isoformat(),
        at_text=exact(row.last_message_at, zone),
        date_text=short_date(row.last_message_at, now, zone),
        waiting_since=row.waiting_since.isoformat() if row.waiting_since else None,
        channel=registry.kind(row.channel).icon,
        channel_label=row.channel_label,
        account=row.account,
        account_colour=row.account_colour,
        failed=row.failed,
        window_closes_at=row.window_closes_at.isoformat() if row.window_closes_at else None,
        match=row.match,
    )
