"""A channel that differs from WhatsApp in everything: no phone numbers, no reply window, no templates, and webhooks
instead of polling. Its provider is an object in this file.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any, ClassVar

from genko.channels.base import ChannelError, CredentialField, Delivery, Trouble
from genko.channels.capabilities import Webhooks
from genko.channels.channel import Channel
from genko.channels.events import (
    Edit,
    Event,
    Inbound,
    InboundFile,
    Reaction,
    Receipt,
    Seen,
    Unreadable,
    Unsend,
)
from genko.channels.limits import TextLimit, TextUnit
from genko.channels.outgoing import Outgoing
from genko.channels.reply_policy import ReplyPolicy, WayToWrite
from genko.errors import Refused

SHOP, SECRET = "clinica-sol", "secret-of-the-shop"
_ERRORS = {
    "blocked": (Trouble.OPTED_OUT, "This person has blocked messages from us. Call instead."),
    "closed": (Trouble.ACCOUNT, "This shop is closed. Ask an administrator to open it again."),
}


@dataclass
class Provider:
    """What the company behind the channel knows."""

    secrets: dict[str, str] = field(default_factory=lambda: {SHOP: SECRET})
    files: dict[str, bytes] = field(default_factory=dict)
    sent: dict[str, Outgoing] = field(default_factory=dict)
    fault: ChannelError | None = None
    ids: count = field(default_factory=lambda: count(1))

    def take(self, outgoing: Outgoing) -> str:
        """The message's id. The same idempotency key again is the same message."""
        if self.fault:
            raise self.fault
        known = {sent.idempotency_key: message_id for message_id, sent in self.sent.items()}
        message_id = known.get(outgoing.idempotency_key) or f"practice-{next(self.ids)}"
        self.sent[message_id] = outgoing
        return message_id


PROVIDER = Provider()


class Practice(Channel, Webhooks):
    key: ClassVar = "practice"
    label: ClassVar = "Practice chat"
    provider: ClassVar = "Practice Company"
    base_url_setting: ClassVar = "practice"
    icon: ClassVar = "practice"
    lead_source: ClassVar = "website"
    fields: ClassVar = (
        CredentialField("shop", "Shop", "The name in the chat's address.", address=True),
        CredentialField("secret", "Secret", "On the shop's page for developers.", secret=True),
    )
    connection_works: ClassVar = "The connection works: shop and secret are right."
    policy: ClassVar = ReplyPolicy(
        first=WayToWrite.NOT_AT_ALL, why_not_first="On Practice chat people write to us first."
    )
    text_limit: ClassVar = TextLimit(40, TextUnit.BYTES)
    largest_file: ClassVar = 1_000

    def __init__(self, values: Mapping[str, str], base_url: str = "") -> None:
        self._shop, self._secret, self.base_url = values["shop"], values["secret"], base_url

    @classmethod
    def external_id(cls, values: Mapping[str, str]) -> str:
        shop = values.get("shop", "").strip().casefold()
        if not re.fullmatch(r"[a-z-]+", shop):
            raise Refused("Shop: type the name in the chat's address, such as clinica-sol.")
        return f"shop/{shop}"

    @classmethod
    def address_label(cls, external_id: str) -> str:
        return external_id.removeprefix("shop/")

    @classmethod
    def explain(cls, code: str) -> str:
        return _ERRORS.get(code, (Trouble.MESSAGE, "Practice chat did not take the message."))[1]

    @classmethod
    def trouble(cls, code: str) -> Trouble:
        return _ERRORS.get(code, (Trouble.MESSAGE, ""))[0]

    @classmethod
    def read(cls, record: Any) -> Inbound | Unreadable:
        try:
            return _message(record)
        except (KeyError, TypeError, ValueError, AttributeError):
            raw = record if isinstance(record, dict) else {"record": str(record)}
            name = f"unknown:{sha256(repr(record).encode()).hexdigest()}"
            return Unreadable(
                str(raw.get("id") or name), raw, "Practice chat sent something in a form we do not know."
            )

    @classmethod
    def parse_webhook(cls, body: bytes) -> Mapping[str, Sequence[Event]]:
        call = json.loads(body)
        return {f"shop/{call['shop']}": [cls._event(record) for record in call["events"]]}

    @classmethod
    def _event(cls, record: dict[str, Any]) -> Event:
        makers = {"edit": _edit, "unsend": _unsend, "reaction": _reaction, "receipt": _receipt, "seen": _seen}
        make = makers.get(str(record.get("kind")))
        return make(record) if make else cls.read(record)

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        return headers.get("signature") == signature(self._secret, body)

    def check(self) -> None:
        if PROVIDER.secrets.get(self._shop) != self._secret:
            raise ChannelError("The shop or its secret is wrong.", Trouble.ACCOUNT, field="secret")

    def send(self, outgoing: Outgoing) -> Receipt:
        if reason := self.why_unsendable(outgoing.parts):
            raise ChannelError(reason, Trouble.MESSAGE)
        return Receipt(PROVIDER.take(outgoing), Delivery.SENT)

    def download(self, ref: str, cap: int) -> bytes:
        if ref not in PROVIDER.files:
            raise ChannelError("The file is not available.", Trouble.BUSY)
        if len(PROVIDER.files[ref]) > cap:
            raise ChannelError("The file is too large.", Trouble.MESSAGE)
        return PROVIDER.files[ref]


def signature(secret: str, body: bytes) -> str:
    return sha256(secret.encode() + body).hexdigest()


def call(*records: dict[str, Any], shop: str = SHOP) -> bytes:
    """The body of one webhook call."""
    return json.dumps({"shop": shop, "events": records}).encode()


def says(
    message_id: str, text: str = "Hello", at: str = "2026-03-02T09:00:00+00:00", **more: Any
) -> dict[str, Any]:
    """A message as the provider writes it."""
    return {
        "kind": "message",
        "id": message_id,
        "person": "guest/7",
        "name": "Ana Díaz",
        "at": at,
        "text": text,
    } | more


def _message(record: dict[str, Any]) -> Inbound:
    if not isinstance(record["text"], str) or not isinstance(record["id"], str):
        raise TypeError("not a text")
    return Inbound(
        provider_id=record["id"],
        person=str(record["person"]),
        at=_time(record),
        body=record["text"],
        files=tuple(InboundFile(str(ref)) for ref in record.get("files", ())),
        profile_name=str(record["name"]),
        outbound=bool(record.get("echo")),
        delivery=Delivery.SENT if record.get("echo") else None,
        raw=record,
    )


def _time(record: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(record["at"]).astimezone(UTC)


def _edit(record: dict[str, Any]) -> Edit:
    return Edit(record["id"], _time(record), record["text"])


def _unsend(record: dict[str, Any]) -> Unsend:
    return Unsend(record["id"], _time(record))


def _reaction(record: dict[str, Any]) -> Reaction:
    return Reaction(record["id"], _time(record), record["emoji"], record["person"])


def _receipt(record: dict[str, Any]) -> Receipt:
    return Receipt(record["id"], Delivery(record["delivery"]), _time(record), record.get("code", ""))


def _seen(record: dict[str, Any]) -> Seen:
    return Seen(record["person"], _time(record))
