"""What a channel is. A new channel is one file in `providers/` and its class in the registry."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from genko.channels.base import CredentialField, Trouble
from genko.channels.events import Inbound, Receipt, Unreadable
from genko.channels.limits import TextLimit
from genko.channels.outgoing import FilePart, Outgoing, Part, TemplatePart, TextPart
from genko.channels.reply_policy import ReplyPolicy

_PART_WORDS = {TextPart: "texts", FilePart: "files", TemplatePart: "templates"}


class Channel(ABC):
    """One connected account, made from its opened credentials. Several threads use it at once."""

    key: ClassVar[str]
    label: ClassVar[str]
    provider: ClassVar[str]  # the company that an administrator has the account with
    base_url_setting: ClassVar[str]  # `twilio` stands for GENKO_TWILIO_BASE_URL
    icon: ClassVar[str]  # the name of an icon in pages/parts/kit/icons.js
    lead_source: ClassVar[str]  # the LeadSource of people who first write here
    fields: ClassVar[tuple[CredentialField, ...]]
    connection_works: ClassVar[str]  # the sentence after a successful test of the connection
    policy: ClassVar[ReplyPolicy]
    text_limit: ClassVar[TextLimit]
    largest_file: ClassVar[int]  # bytes of a file that a person can send us
    parts: ClassVar[frozenset[type[Part]]] = frozenset({TextPart})  # what we can send

    @abstractmethod
    def __init__(self, values: Mapping[str, str], base_url: str = "") -> None:
        """`values` are the credential fields by name; `base_url` replaces the provider's address."""

    @classmethod
    @abstractmethod
    def external_id(cls, values: Mapping[str, str]) -> str:
        """The address that patients write to, from the form's values; Refused when they make none."""

    @classmethod
    def address_label(cls, external_id: str) -> str:
        """Our address, or a person's, as staff read it."""
        return external_id

    @classmethod
    def phone_of(cls, person_id: str) -> str | None:  # noqa: ARG003 - most channels know no phones
        """The E.164 phone number in a person's external id; None where there is none."""
        return None

    @classmethod
    def phone_variants(cls, phone: str) -> list[str]:
        """The spellings under which this channel may know a phone number, the given one first."""
        return [phone]

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
        """One raw record as an event. What could not be stored is read again from its raw form."""

    @classmethod
    def why_unsendable(cls, parts: tuple[Part, ...]) -> str | None:
        """The sentence for staff when this channel cannot send these parts."""
        for part in parts:
            if type(part) not in cls.parts:
                return f"{cls.label} messages with {_PART_WORDS[type(part)]} cannot be sent from Genkō."
            if isinstance(part, TextPart) and (reason := cls._why_too_long(part.body)):
                return reason
        return None

    @classmethod
    def _why_too_long(cls, body: str) -> str | None:
        length, limit = cls.text_limit.length_of(body), cls.text_limit
        if length <= limit.count:
            return None
        return (
            f"The text has {length:,} {limit.unit}; {cls.label} takes {limit.count:,}. "
            "Split it into two messages."
        )

    @abstractmethod
    def check(self) -> None:
        """Proves that the credentials work; ChannelError names the field at fault."""

    @abstractmethod
    def send(self, outgoing: Outgoing) -> Receipt:
        """Hands one message over. At most one provider call."""

    @abstractmethod
    def download(self, ref: str, cap: int) -> bytes:
        """The bytes of a file; ChannelError(MESSAGE) when larger than `cap` bytes."""
