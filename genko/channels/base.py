"""The words that every channel and every caller of a channel shares."""

from dataclasses import dataclass
from enum import StrEnum


class Author(StrEnum):
    """Who wrote a message. `messages/waiting.py` says which of them end a patient's wait."""

    PATIENT = "patient"
    STAFF = "staff"
    AI = "ai"
    OTHER_TOOL = "other_tool"  # a person with another program on our account, such as Twilio's console
    PROVIDER_APP = "provider_app"  # a person with the provider's own app, such as Instagram
    AUTOMATIC = "automatic"  # an autoresponder, or the sentence with which the AI hands over to staff


class Delivery(StrEnum):
    """How far an outbound message has come, as staff see it: the ticks."""

    QUEUED = "queued"
    SENDING = "sending"
    UNCONFIRMED = "unconfirmed"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class Trouble(StrEnum):
    """What an error means for what to do next."""

    BUSY = "busy"  # the provider certainly did not take the message: the worker may try it again
    UNKNOWN = "unknown"  # the provider may have taken the message: look it up, never send it again
    MESSAGE = "message"  # this message will never go out as it is
    ACCOUNT = "account"  # nothing goes out until an administrator repairs the connection
    OPTED_OUT = "opted_out"  # this person does not want messages


class ChannelError(Exception):
    """A provider refused, or did not answer. `reason` is one sentence for staff, without patient data.

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
    """One input of the form that connects an account.

    An `address` field cannot be changed later: the account's conversations were held at that address.
    """

    name: str
    label: str
    help: str
    secret: bool = False
    address: bool = False
    placeholder: str = ""
