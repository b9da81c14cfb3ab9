"""What the sandbox remembers: accounts, patients, messages, attachments."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from secrets import token_hex, token_urlsafe

PREFIX = "whatsapp:"


class Status(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    RECEIVED = "received"


@dataclass
class Media:
    content_type: str
    data: bytes
    sid: str = field(default_factory=lambda: f"ME{token_hex(16)}")
    key: str = field(default_factory=lambda: token_urlsafe(24))


@dataclass
class Step:
    """A status a message will take by itself."""

    due_at: datetime
    status: Status
    error_code: int | None = None


@dataclass
class Message:
    sid: str
    account_sid: str
    sender: str
    recipient: str
    body: str
    status: Status
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    error_code: int | None = None
    media: list[Media] = field(default_factory=list)
    plan: list[Step] = field(default_factory=list)
    number: int = 0
    times_seen: int = 0

    @property
    def inbound(self) -> bool:
        return self.status is Status.RECEIVED

    @property
    def patient_id(self) -> str:
        return (self.sender if self.inbound else self.recipient).removeprefix(PREFIX)

    @property
    def age(self) -> tuple[datetime, int]:
        return self.created_at, self.number


@dataclass
class Patient:
    id: str
    name: str = ""
    opted_out: bool = False
    blocked: bool = False
    unreachable: int | None = None
    phone_on: bool = True


@dataclass
class Template:
    sid: str
    name: str
    body: str
    language: str = "en"
    status: str = "approved"
    variables: dict[str, str] = field(default_factory=dict)


@dataclass
class Account:
    sid: str
    token: str
    sender: str
    name: str
    status: str
    created_at: datetime
    templates: dict[str, Template] = field(default_factory=dict)
    patients: dict[str, Patient] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    by_sid: dict[str, Message] = field(default_factory=dict)
    moving: dict[str, Message] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"{PREFIX}{self.sender}"

    def with_patient(self, patient_id: str) -> list[Message]:
        return [message for message in self.messages if message.patient_id == patient_id]
