"""What some channels can do and others cannot. A channel's class inherits from each capability that it has."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from genko.channels.events import Event, Page, Receipt
from genko.channels.outgoing import Outgoing


class Polling(ABC):
    """We ask the provider for new messages."""

    fetch_overlap: ClassVar[timedelta]  # how far back a complete look goes behind the last one

    @abstractmethod
    def fetch(self, since: datetime, page: str | None = None, *, size: int = 50) -> Page:
        """What people sent us since about `since`, newest first as a rule, in pages of `size`."""


class Webhooks(ABC):
    """The provider calls us."""

    @classmethod
    @abstractmethod
    def parse_webhook(cls, body: bytes) -> Mapping[str, Sequence[Event]]:
        """The events of one call, by our account's external id. ChannelError when the call cannot be read."""

    @abstractmethod
    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the provider signed this call. `body` is exactly what came over the wire."""


class History(ABC):
    """The provider keeps what was written before the account was connected."""

    @abstractmethod
    def history(self, first: datetime, last: datetime, page: str | None = None) -> Page:
        """Messages of both directions between two times. More than was asked for may come back."""


class AsksReceipts(ABC):
    """We ask the provider how far our messages have come."""

    @abstractmethod
    def receipt(self, provider_id: str) -> Receipt:
        """The present state of one outbound message."""

    @abstractmethod
    def receipts(self, since: datetime) -> list[Receipt]:
        """The present states of all outbound messages since about `since`."""


class FindsSent(ABC):
    """We can look up whether a message left when the answer to sending it was lost."""

    @abstractmethod
    def find_sent(self, outgoing: Outgoing, around: datetime) -> list[Receipt]:
        """Messages from our account, oldest first, that may be this one, handed over near a time."""


class WritesToPhones(ABC):
    """A person's address can be made from a phone number."""

    @classmethod
    @abstractmethod
    def person_id(cls, phone: str) -> str:
        """The external id of the person with this E.164 phone number."""


@dataclass(frozen=True)
class RenewedCredentials:
    values: Mapping[str, str] = field(repr=False)  # the credential fields that changed, by name
    expires_at: datetime


class ExpiringCredentials(ABC):
    """The account's credentials end unless they are renewed in time."""

    renew_before: ClassVar[timedelta]  # how long before their end they are renewed

    @abstractmethod
    def refresh(self) -> RenewedCredentials:
        """New credentials in exchange for the present ones."""
