"""Which messages a list request means, and which page of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from genko.sandbox.records import Message
from genko.sandbox.stand_in import Json
from genko.sandbox.twilio.errors import ApiError
from genko.sandbox.twilio.shapes import recipient, sender

FILTERS = ("To", "From", "DateSent", "DateSent>", "DateSent<")
AFTER, BEFORE = "PA", "PB"


@dataclass(frozen=True)
class Page:
    messages: list[Message]
    index: int
    size: int
    next_token: str | None
    previous_token: str | None


def matching(messages: Iterable[Message], query: QueryParams) -> list[Message]:
    """Days are GMT days. A time of day in the filter is ignored, as Twilio does."""
    on, since, until = (_day(query.get(name)) for name in FILTERS[2:])
    return [
        message
        for message in messages
        if query.get("To") in (None, "", recipient(message))
        and query.get("From") in (None, "", sender(message))
        and (on is None or _sent_on(message) == on)
        and (since is None or _sent_on(message) >= since)
        and (until is None or _sent_on(message) <= until)
    ]


def page(messages: list[Message], query: QueryParams) -> Page:
    """Tokens name a message, not a place, so that new arrivals do not shift the pages."""
    size = _page_size(query.get("PageSize"))
    start = _start(messages, query.get("PageToken"), size)
    shown = messages[start : start + size]
    return Page(
        messages=shown,
        index=int(query.get("Page", "0") or 0),
        size=size,
        next_token=AFTER + shown[-1].id if start + size < len(messages) else None,
        previous_token=BEFORE + shown[0].id if start and shown else None,
    )


def page_json(listed: Page, shown: list[Json], path: str, query: QueryParams) -> Json:
    filters = [(name, query[name]) for name in FILTERS if query.get(name)]

    def uri(index: int, token: str | None) -> str:
        tail = [("PageSize", str(listed.size)), ("Page", str(index))]
        return f"{path}?{urlencode(filters + tail + ([('PageToken', token)] if token else []))}"

    start = listed.index * listed.size
    before, after = listed.previous_token, listed.next_token
    return {
        "messages": shown,
        "page": listed.index,
        "page_size": listed.size,
        "start": start,
        "end": start + max(0, len(shown) - 1),
        "uri": uri(listed.index, query.get("PageToken")),
        "first_page_uri": uri(0, None),
        "next_page_uri": uri(listed.index + 1, after) if after else None,
        "previous_page_uri": uri(max(0, listed.index - 1), before) if before else None,
    }


def _sent_on(message: Message) -> date:
    return (message.sent_at or message.created_at).date()


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise ApiError(400, 20001, "DateSent is not a valid date") from None


def _page_size(text: str | None) -> int:
    size = int(text) if text and text.isdecimal() else 50
    return min(max(size, 1), 1000)


def _start(messages: list[Message], token: str | None, size: int) -> int:
    if not token:
        return 0
    ids = [message.id for message in messages]
    if token[:2] not in (AFTER, BEFORE) or token[2:] not in ids:
        raise ApiError(400, 20006, "Invalid PageToken")
    place = ids.index(token[2:])
    return place + 1 if token.startswith(AFTER) else max(0, place - size)
