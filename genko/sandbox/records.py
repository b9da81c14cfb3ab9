"""What every provider remembers: accounts, patients, messages, attachments."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from secrets import token_hex, token_urlsafe


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
    """`key` is the secret part of the address of the bytes."""

    content_type: str
    data: bytes
    id: str = field(default_factory=lambda: f"ME{token_hex(16)}")
    key: str = field(default_factory=lambda: token_urlsafe(24))


@dataclass
class Step:
    """A status that a message will take by itself."""

    due_at: datetime
    status: Status
    error_code: int | None = None


@dataclass
class Message:
    """`clinic_address` is the account's address when the message was written; `serial` orders messages of one moment."""

    id: str
    account_id: str
    clinic_address: str
    patient_id: str
    body: str
    status: Status
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    error_code: int | None = None
    media: list[Media] = field(default_factory=list)
    plan: list[Step] = field(default_factory=list)
    serial: int = 0
    times_seen: int = 0

    @property
    def inbound(self) -> bool:
        return self.status is Status.RECEIVED

    @property
    def order(self) -> tuple[datetime, int]:
        return self.created_at, self.serial


@dataclass
class Patient:
    id: str
    name: str = ""
    opted_out: bool = False
    blocked: bool = False
    unreachable: int | None = None
    phone_on: bool = True


@dataclass
class Account:
    """`address` is what people write to: a phone, or a name at the provider."""

    id: str
    token: str
    address: str
    name: str
    status: str
    created_at: datetime
    patients: dict[str, Patient] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    messages_by_id: dict[str, Message] = field(default_factory=dict)
    moving: dict[str, Message] = field(default_factory=dict)

    def messages_with(self, patient_id: str) -> list[Message]:
        return [message for message in self.messages if message.patient_id == patient_id]

    def take_over(self, earlier: "Account") -> None:
        """Same account, other credentials: what it remembers stays."""
        self.created_at, self.patients = earlier.created_at, earlier.patients
        self.messages, self.messages_by_id, self.moving = (
            earlier.messages,
            earlier.messages_by_id,
            earlier.moving,
        )

    def forget(self) -> None:
        for memory in (self.patients, self.messages, self.messages_by_id, self.moving):
            memory.clear()
