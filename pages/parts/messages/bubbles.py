"""Turns messages into what the thread draws."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from genko.channels.base import Author, Delivery
from genko.messages.files import SHOWN_INLINE
from genko.messages.models import FileState
from genko.messages.thread import ThreadFile, ThreadMessage
from pages.parts.kit.times import clock_time, day, exact, size

DeliveryState = Literal["queued", "sending", "sent", "delivered", "read", "failed", "unconfirmed"]


@dataclass(frozen=True)
class File:
    id: int
    kind: Literal["image", "audio", "video", "file"]
    name: str
    size_text: str
    url: str | None
    state: Literal["stored", "pending", "failed"] = "stored"
    problem: str | None = None
    type: str = ""
    can_retry: bool = False  # it could not be fetched, and this person may have it tried once more


@dataclass(frozen=True)
class Bubble:
    """One message as the thread shows it. Words for times and days come ready, in the clinic's zone."""

    id: int
    author: Literal["patient", "staff", "ai", "other_tool", "provider_app", "automatic"]
    name: str
    text: str
    at_text: str
    at_full: str
    day: str
    outbound: bool
    ai_badge: bool = False
    delivery: DeliveryState | None = None
    problem: str | None = None
    can_act: bool = False  # it failed or was never confirmed, and waits for somebody to deal with it
    can_resend: bool = False  # and something can be sent here at present
    settled: bool = False  # a staff member has dealt with this failure
    sent_again: bool = False
    files: tuple[File, ...] = ()
    edited: bool = False
    unsent: bool = False  # its author took it back: `text` says so
    reactions: tuple[str, ...] = ()  # emoji


def bubble(
    message: ThreadMessage,
    patient: str,
    now: datetime,
    zone: ZoneInfo,
    *,
    channel_label: str,
    can_act: bool,
    blocked: bool,
) -> Bubble:
    outbound = message.author is not Author.PATIENT
    return Bubble(
        id=message.id,
        author=message.author.value,
        name=_name(message, patient, channel_label),
        text=message.body or message.notice,
        at_text=clock_time(message.at, zone),
        at_full=exact(message.at, zone),
        day=day(message.at, now, zone),
        outbound=outbound,
        ai_badge=message.author is Author.AI,
        delivery=message.delivery.value if message.delivery else None,
        problem=message.problem or None,
        can_act=can_act and message.asks_staff,
        can_resend=can_act and message.asks_staff and not blocked,
        settled=message.settled and message.delivery in {Delivery.FAILED, Delivery.UNCONFIRMED},
        sent_again=message.sent_again,
        edited=message.edited,
        unsent=message.unsent,
        reactions=message.reactions,
        files=tuple(_file(file, can_act=can_act) for file in message.files),
    )


_AUTHORS = {
    Author.STAFF: "Staff",
    Author.AI: "AI",
    Author.OTHER_TOOL: "Other tool",
    Author.PROVIDER_APP: "{channel} app",
    Author.AUTOMATIC: "Automatic reply",
}


def _name(message: ThreadMessage, patient: str, channel_label: str) -> str:
    if message.author is Author.PATIENT:
        return patient
    return message.staff_name or _AUTHORS[message.author].format(channel=channel_label)


def _file(file: ThreadFile, *, can_act: bool) -> File:
    kind = file.content_type.partition("/")[0] if file.content_type in SHOWN_INLINE else "file"
    return File(
        id=file.id,
        kind=kind,  # type: ignore[arg-type]
        name=file.name or "File",
        size_text=size(file.size) if file.size else "",
        url=f"/admin/media/{file.id}" if file.state is FileState.STORED else None,
        state=file.state.value,
        problem=file.problem or None,
        type=file.content_type,
        can_retry=can_act and file.state is FileState.FAILED,
    )
