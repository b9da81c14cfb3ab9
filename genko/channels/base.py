"""What a channel is. A third one is one file in `providers/` and its name in the registry."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar


class Delivery(StrEnum):
    """Of an outbound message, as staff see it: the ticks."""

    QUEUED = "queued"
    SENDING = "sending"
    UNCONFIRMED = "unconfirmed"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class Trouble(StrEnum):
    """What an error means for what to do next."""

    BUSY = "busy"  # surely not taken: may be tried again by itself
    UNKNOWN = "unknown"  # may or may not have been taken: look it up, never replay
    MESSAGE = "message"  # this message will never go out as it is
    ACCOUNT = "account"  # nothing goes out until somebody mends the connection
    OPTED_OUT = "opted_out"  # this person does not want messages


class ChannelError(Exception):
    """A provider said no, or nothing. `reason` is one sentence for staff, without patient data.

    `field` names the credential at fault, `retry_after` is in seconds.
    """

    def __init__(
        self,
        reason: str,
        trouble: Trouble,
        *,
        code: str = "",
        field: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.trouble = trouble
        self.code = code
        self.field = field
        self.retry_after = retry_after


@dataclass(frozen=True)
class CredentialField:
    """One input of the form that connects an account. An `address` stays: conversations were held there."""

    name: str
    label: str
    help: str
    secret: bool = False
    address: bool = False
    placeholder: str = ""


@dataclass(frozen=True)
class InboundFile:
    ref: str  # what `download` needs; the type is read from the content


@dataclass(frozen=True)
class Inbound:
    """A message as the provider has it. `outbound` marks what was sent from our address, seen in a history.

    `raw` is what `Channel.read` makes it from again, should it not be possible to store it now.
    """

    provider_id: str
    person: str  # the other side's external id
    at: datetime
    body: str = ""
    files: tuple[InboundFile, ...] = ()
    profile_name: str = ""
    notice: str = ""
    outbound: bool = False
    delivery: Delivery | None = None
    error_code: str = ""
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Unreadable:
    """What could not be understood, kept raw."""

    provider_id: str
    raw: dict[str, Any]
    reason: str


@dataclass(frozen=True)
class Page:
    """One page of what the provider lists; `next` is its own pointer to the following page.

    `listed_at` is when it was listed by the provider's clock, where the provider says so.
    """

    events: list[Inbound | Unreadable] = field(default_factory=list)
    next: str | None = None
    listed_at: datetime | None = None


@dataclass(frozen=True)
class Outgoing:
    to: str
    body: str


@dataclass(frozen=True)
class Receipt:
    """How far an outbound message has come."""

    provider_id: str
    delivery: Delivery
    at: datetime | None = None
    error_code: str = ""


class Channel(ABC):
    """One connected account of one kind, made from its opened credentials. Used by several threads at once."""

    key: ClassVar[str]
    label: ClassVar[str]
    source: ClassVar[str]  # the LeadSource of people who first write here
    fields: ClassVar[tuple[CredentialField, ...]]
    reply_window: ClassVar[timedelta]
    after_window: ClassVar[str]  # what staff can do once the window has closed
    text_limit: ClassVar[int]  # characters
    can_start: ClassVar[bool]  # whether we may write first

    @abstractmethod
    def __init__(self, values: Mapping[str, str], base_url: str = "") -> None:
        """`values` are the credential fields by name; `base_url` replaces the provider's address."""

    @classmethod
    @abstractmethod
    def external_id(cls, values: Mapping[str, str]) -> str:
        """The address that patients write to, from the form's values; Refused when they make none."""

    @classmethod
    @abstractmethod
    def person_id(cls, phone: str) -> str:
        """The external id of somebody whose E.164 phone we know; Refused where a channel has no such thing."""

    @classmethod
    @abstractmethod
    def explain(cls, code: str) -> str:
        """One plain sentence of cause and next step for a provider's error code."""

    @classmethod
    @abstractmethod
    def trouble(cls, code: str) -> Trouble:
        """What an asynchronous error code means for what to do next."""

    @classmethod
    @abstractmethod
    def read(cls, record: Any) -> Inbound | Unreadable:
        """One raw record, understood or not; what was set aside is read again from its raw form."""

    @abstractmethod
    def check(self) -> None:
        """Proves that the credentials work; ChannelError names the field at fault."""

    @abstractmethod
    def fetch(self, since: datetime, page: str | None = None, *, size: int = 50) -> Page:
        """What people sent us since about `since`, newest first as a rule, in pages of `size`."""

    @abstractmethod
    def history(self, first: datetime, last: datetime, page: str | None = None) -> Page:
        """Both directions between two times, which are rounded outwards to whole UTC days."""

    @abstractmethod
    def send(self, outgoing: Outgoing) -> Receipt:
        """Hands one message over. At most one provider call."""

    @abstractmethod
    def receipt(self, provider_id: str) -> Receipt:
        """The present state of one outbound message."""

    @abstractmethod
    def receipts(self, since: datetime) -> list[Receipt]:
        """The present states of all outbound messages since about `since`."""

    @abstractmethod
    def find_sent(self, outgoing: Outgoing, around: datetime) -> list[Receipt]:
        """Messages of ours, oldest first, that may be this one, handed over near a time."""

    @abstractmethod
    def download(self, ref: str, cap: int) -> bytes:
        """The bytes of a file; ChannelError(MESSAGE) when larger than `cap` bytes."""
