"""What a provider tells us, by polling or by webhook, in the same words for every channel."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from genko.channels.base import Author, Delivery


@dataclass(frozen=True)
class InboundFile:
    ref: str  # what `Channel.download` needs to fetch the file


@dataclass(frozen=True)
class Inbound:
    """A message as the provider has it. `outbound` marks a message from our own address: an echo, or part of a history.

    `raw` is the provider's record. `Channel.read` can make the message from it again if it cannot be stored now.
    """

    provider_id: str
    person: str  # the other side's external id
    at: datetime
    body: str = ""
    files: tuple[InboundFile, ...] = ()
    profile_name: str = ""
    notice: str = ""
    outbound: bool = False
    outbound_author: Author = Author.OTHER_TOOL  # of an outbound message
    delivery: Delivery | None = None
    error_code: str = ""
    reply_to: str = ""  # the provider id of the message that this one answers
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def author(self) -> Author:
        return self.outbound_author if self.outbound else Author.PATIENT


@dataclass(frozen=True)
class Edit:
    """The author changed the text of a message. `body` is empty when the provider does not say what it is now."""

    provider_id: str
    at: datetime
    body: str = ""


@dataclass(frozen=True)
class Unsend:
    """The author took a message back."""

    provider_id: str
    at: datetime


@dataclass(frozen=True)
class Reaction:
    """Somebody reacted to a message. An empty `emoji` takes the reaction back."""

    provider_id: str
    at: datetime
    emoji: str = ""
    person: str = ""  # the external id of who reacted; empty when it was us


@dataclass(frozen=True)
class Receipt:
    """How far an outbound message has come."""

    provider_id: str
    delivery: Delivery
    at: datetime | None = None
    error_code: str = ""


@dataclass(frozen=True)
class Seen:
    """The person has seen all that we wrote until this time."""

    person: str
    at: datetime


@dataclass(frozen=True)
class Unreadable:
    """A record that the channel could not understand, kept raw."""

    provider_id: str
    raw: dict[str, Any]
    reason: str


Change = Edit | Unsend | Reaction | Receipt | Seen  # what happens to messages after they were written
Event = Inbound | Unreadable | Change


@dataclass(frozen=True)
class Page:
    """One page of a provider's list. `next` is the provider's own pointer to the following page.

    `listed_at` is when the provider answered, by its own clock; None when it does not say.
    """

    events: list[Inbound | Unreadable] = field(default_factory=list)
    next: str | None = None
    listed_at: datetime | None = None
