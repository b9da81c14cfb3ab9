"""WhatsApp through Twilio."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any, ClassVar

import requests
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from genko import clock
from genko import phone as phones
from genko.channels.base import Author, ChannelError, CredentialField, Delivery, Trouble
from genko.channels.capabilities import AsksReceipts, FindsSent, History, Polling, WritesToPhones
from genko.channels.channel import Channel
from genko.channels.download import download
from genko.channels.events import Inbound, InboundFile, Page, Receipt, Unreadable
from genko.channels.limits import TextLimit
from genko.channels.outgoing import Outgoing
from genko.channels.providers import whatsapp_errors as errors
from genko.channels.providers.whatsapp_transport import Transport, answered_at, channel_error
from genko.channels.reply_policy import ReplyPolicy, WayToWrite
from genko.errors import Refused

_API = "https://api.twilio.com"
_BIGGEST_PAGE = 1000
_PREFIX = "whatsapp:"
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
# Twilio lists neither coordinates nor cards nor emoji of a reaction.
_NOT_LISTED = "Something that Twilio does not hand over, such as a location, a contact or a reaction. Ask for it as text."
_FILE_SENT = "A file was sent along. It is kept at Twilio only."
_BROKEN = (KeyError, TypeError, ValueError, AttributeError, OverflowError)  # what a malformed record raises
_LOOK_UP_SPAN = timedelta(minutes=2)

# Replies that an autoresponder gave; everything else that did not leave from here was typed in another tool.
_AUTHORS = {"outbound-reply": Author.AUTOMATIC}
_DELIVERIES = {
    "accepted": Delivery.SENT,
    "scheduled": Delivery.SENT,
    "queued": Delivery.SENT,
    "sending": Delivery.SENT,
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "failed": Delivery.FAILED,
    "undelivered": Delivery.FAILED,
    "canceled": Delivery.FAILED,
}


class WhatsApp(Channel, Polling, History, AsksReceipts, FindsSent, WritesToPhones):
    key: ClassVar = "whatsapp"
    label: ClassVar = "WhatsApp"
    provider: ClassVar = "Twilio"
    base_url_setting: ClassVar = "twilio"
    icon: ClassVar = "whatsapp"
    lead_source: ClassVar = "whatsapp"
    fields: ClassVar = (
        CredentialField(
            "account_sid",
            "Account SID",
            "Starts with AC; on the first page of the Twilio console.",
            placeholder="AC…",
        ),
        CredentialField(
            "auth_token", "Auth token", "Next to the account SID in the Twilio console.", secret=True
        ),
        CredentialField(
            "sender",
            "Sender number",
            "The WhatsApp sender, with its country code. Another number is another account.",
            address=True,
            placeholder="+49 30 1234567",
        ),
    )
    connection_works: ClassVar = "The connection works: account, token and sender number are right."
    policy: ClassVar = ReplyPolicy(
        window=timedelta(hours=24),
        after_window=WayToWrite.TEMPLATE,
        after_window_words="WhatsApp now takes approved templates only, which Genkō cannot send yet: call, or wait until they write again.",
        first=WayToWrite.TEMPLATE,
        why_not_first="WhatsApp lets us write first with an approved template only.",
    )
    text_limit: ClassVar = TextLimit(1600)
    largest_file: ClassVar = 25_000_000  # above WhatsApp's own limit, which may grow
    fetch_overlap: ClassVar = timedelta(days=1)  # Twilio filters by whole days, and its list may lag

    def __init__(self, values: Mapping[str, str], base_url: str = "") -> None:
        self._auth = (values["account_sid"], values["auth_token"])
        self._sender = self.external_id(values)
        self._base_url = base_url
        self._client = Client(*self._auth, http_client=Transport(base_url))
        self._ahead = timedelta()  # Twilio's clock, before ours
        self._messages = f"/2010-04-01/Accounts/{values['account_sid']}/Messages"

    @classmethod
    def external_id(cls, values: Mapping[str, str]) -> str:
        sender = re.sub(r"[\s()./-]", "", values.get("sender", "")).removeprefix(_PREFIX)
        if not _E164.fullmatch(sender):
            raise Refused("Sender number: type it with its country code, such as +49 30 1234567.")
        return f"{_PREFIX}{sender}"

    @classmethod
    def address_label(cls, external_id: str) -> str:
        return external_id.removeprefix(_PREFIX)

    @classmethod
    def person_id(cls, phone: str) -> str:
        return f"{_PREFIX}{phone}"

    @classmethod
    def phone_of(cls, person_id: str) -> str | None:
        """None for people who hide their number: WhatsApp gives them an id instead."""
        address = person_id.removeprefix(_PREFIX)
        return address if _E164.fullmatch(address) else None

    @classmethod
    def phone_variants(cls, phone: str) -> list[str]:
        """WhatsApp keeps mobiles of some countries under the spelling that was valid when the person signed up."""
        return phones.variants(phone)

    @classmethod
    def explain(cls, code: str) -> str:
        return errors.explain(code)

    @classmethod
    def trouble(cls, code: str) -> Trouble:
        return errors.trouble(code)

    @classmethod
    def read(cls, record: Any) -> Inbound | Unreadable:
        try:
            return _inbound(record)
        except _BROKEN:
            raw = record if isinstance(record, dict) else {"record": record}
            content = json.dumps(raw, sort_keys=True, default=str).encode()
            name = str(raw.get("sid") or f"unknown:{sha256(content).hexdigest()[:32]}")
            return Unreadable(name, raw, "Twilio sent a message in a form we do not know.")

    def check(self) -> None:
        if not _ACCOUNT_SID.fullmatch(self._auth[0]):
            raise ChannelError(
                "This is not an account SID: it has AC and then 32 digits and letters from a to f. "
                "Copy it from the first page of the Twilio console.",
                Trouble.ACCOUNT,
                field="account_sid",
            )
        account = self._get(f"/2010-04-01/Accounts/{self._auth[0]}.json", at_401="auth_token")
        if account.get("status") != "active":
            raise ChannelError(
                "This Twilio account is not active. Open the Twilio console to see why.",
                Trouble.ACCOUNT,
                field="account_sid",
            )
        self._check_sender()

    def _check_sender(self) -> None:
        """Older accounts have no senders list (404): their number is proved by the first message instead."""
        try:
            senders = self._client.messaging.v2.channels_senders.list(channel="whatsapp", limit=_BIGGEST_PAGE)
        except (TwilioException, requests.RequestException, ValueError) as error:
            known = channel_error(error, reading=True)
            if known.code == "20404":
                return
            raise known from error
        states = {sender.sender_id: str(sender.status or "") for sender in senders}
        if self._sender not in states:
            raise ChannelError(
                "This number is not a WhatsApp sender of this Twilio account. Check the number, "
                "or register it under Messaging > Senders in the Twilio console.",
                Trouble.ACCOUNT,
                field="sender",
            )
        if not states[self._sender].upper().startswith("ONLINE"):
            raise ChannelError(
                "Twilio has this WhatsApp sender, but it is not online yet. Finish its registration in the Twilio console.",
                Trouble.ACCOUNT,
                field="sender",
            )

    def fetch(self, since: datetime, page: str | None = None, *, size: int = 50) -> Page:
        query = {"To": self._sender, "DateSent>": _day(since), "PageSize": min(size, _BIGGEST_PAGE)}
        return self._page(page, query)

    def history(self, first: datetime, last: datetime, page: str | None = None) -> Page:
        """Twilio filters by one direction at a time: inbound first, and its last page points to outbound."""
        span = {"DateSent>": _day(first), "DateSent<": _day(last), "PageSize": _BIGGEST_PAGE}
        if page is None or page.startswith("in:"):
            found = self._page((page or "").removeprefix("in:") or None, {"To": self._sender} | span)
            return replace(found, next=f"in:{found.next}" if found.next else "out:")
        found = self._page(page.removeprefix("out:") or None, {"From": self._sender} | span)
        return replace(found, next=f"out:{found.next}" if found.next else None)

    def send(self, outgoing: Outgoing) -> Receipt:
        """Twilio has no idempotency key."""
        if reason := self.why_unsendable(outgoing.parts):
            raise ChannelError(reason, Trouble.MESSAGE)
        try:
            sent = self._client.messages.create(to=outgoing.to, from_=self._sender, body=outgoing.text)
        except (TwilioException, requests.RequestException, *_BROKEN) as error:
            raise channel_error(error, reading=False) from error
        if not isinstance(sent.sid, str) or not sent.sid:
            raise ChannelError("Twilio's answer could not be read.", Trouble.UNKNOWN)
        return Receipt(
            sent.sid,
            _DELIVERIES.get(str(sent.status), Delivery.SENT),
            sent.date_created,
            str(sent.error_code or ""),
        )

    def receipt(self, provider_id: str) -> Receipt:
        try:
            return _receipt(self._get(f"{self._messages}/{provider_id}.json"))
        except _BROKEN as error:
            raise ChannelError("Twilio's answer could not be read.", Trouble.MESSAGE) from error

    def receipts(self, since: datetime) -> list[Receipt]:
        """With a day to spare: `since` is by our clock, which may be ahead of Twilio's at midnight."""
        listed = self._outbound({"DateSent>": _day(since - timedelta(days=1))})
        return [receipt for _, receipt in listed]

    def find_sent(self, outgoing: Outgoing, around: datetime) -> list[Receipt]:
        """Also by Twilio's clock, where it and ours differ: `around` is ours."""
        listed = self._outbound({"To": outgoing.to, "DateSent>": _day(around - timedelta(days=1))})
        earliest = min(around, around + self._ahead) - _LOOK_UP_SPAN
        latest = max(around, around + self._ahead) + _LOOK_UP_SPAN
        candidates = [
            receipt
            for record, receipt in listed
            if str(record.get("body", "")).strip() == outgoing.text.strip()
            and str(record.get("direction")) == "outbound-api"
            # When it was handed over, not when it left Twilio's queue, which may be minutes later.
            and earliest <= _time(record, "date_created", "date_sent") <= latest
        ]
        return sorted(candidates, key=lambda one: (one.at or around, one.provider_id))

    def download(self, ref: str, cap: int) -> bytes:
        message, _, index = ref.partition("/")
        media = self._get(f"{self._messages}/{message}/Media.json").get("media_list") or []
        try:
            uri = str(sorted(media, key=lambda one: str(one["sid"]))[int(index)]["uri"]).removesuffix(".json")
        except (*_BROKEN, IndexError) as error:
            raise ChannelError("The file is not available at Twilio yet.", Trouble.BUSY) from error
        # The token goes to Twilio's own media addresses only, whatever an answer says.
        if not re.fullmatch(rf"{re.escape(self._messages)}/\w+/Media/\w+", uri):
            raise ChannelError("The file's address is not one of Twilio's.", Trouble.MESSAGE)
        return download((self._base_url or _API).rstrip("/") + uri, self._auth, cap)

    def _outbound(self, query: dict[str, Any]) -> list[tuple[dict[str, Any], Receipt]]:
        """All of ours that can be read; one broken record does not keep the others' ticks back."""
        page, found, seen = None, [], set[str | None]()
        while page not in seen:
            seen.add(page)
            records, page, _ = self._list(page, {"From": self._sender, "PageSize": _BIGGEST_PAGE} | query)
            found += [(record, receipt) for record in records if (receipt := _receipt_if_readable(record))]
            if page is None:
                return found
        raise ChannelError("Twilio's list does not end.", Trouble.BUSY)

    def _page(self, page: str | None, query: dict[str, Any]) -> Page:
        records, following, at = self._list(page, query)
        return Page([self.read(record) for record in records], following, at)

    def _list(self, page: str | None, query: dict[str, Any]) -> tuple[list[Any], str | None, datetime | None]:
        answer, at = self._ask(page or f"{self._messages}.json", None if page else query)
        records, following = answer.get("messages"), answer.get("next_page_uri")
        # The token goes to Twilio's own addresses only, whatever an answer says.
        lost = following and not (isinstance(following, str) and following.startswith("/"))
        if not isinstance(records, list) or lost:
            raise ChannelError("Twilio's answer could not be read.", Trouble.BUSY)
        return records, following or None, at

    def _get(self, uri: str, *, at_401: str = "") -> dict[str, Any]:
        return self._ask(uri, at_401=at_401)[0]

    def _ask(
        self, uri: str, params: dict[str, Any] | None = None, *, at_401: str = ""
    ) -> tuple[dict[str, Any], datetime | None]:
        """The answer, and when Twilio gave it by its own clock."""
        try:
            response = self._client.request("GET", f"{_API}{uri}", params=params)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                raise self._client.api.v2010.exception("GET", uri, response, "Unable to read")
            answer = json.loads(response.text)
        except (TwilioException, requests.RequestException, ValueError) as error:
            known = channel_error(error, reading=True)
            known.field = at_401 if known.code == "20003" else ""
            raise known from error
        if not isinstance(answer, dict):
            raise ChannelError("Twilio's answer could not be read.", Trouble.BUSY)
        at = answered_at(response)
        if at:
            self._ahead = at - clock.now()
        return answer, at


def _inbound(record: dict[str, Any]) -> Inbound:
    direction = str(record["direction"])
    outbound = direction.startswith("outbound")
    receipt = _receipt(record) if outbound else None
    body, files = str(record.get("body") or ""), _files(record)
    return Inbound(
        provider_id=_text(record["sid"]),
        person=_text(record["to"] if outbound else record["from"]),
        at=_time(record),
        body=body,
        files=() if outbound else files,
        outbound=outbound,
        outbound_author=_AUTHORS.get(direction, Author.OTHER_TOOL),
        delivery=receipt.delivery if receipt else None,
        error_code=receipt.error_code if receipt else "",
        notice=_FILE_SENT if outbound and files else "" if files or body.strip() else _NOT_LISTED,
        raw=record,
    )


def _files(record: dict[str, Any]) -> tuple[InboundFile, ...]:
    """The list names no files, only their number; `download` looks the nth one up."""
    return tuple(
        InboundFile(f"{record['sid']}/{index}") for index in range(int(record.get("num_media") or 0))
    )


def _receipt(record: dict[str, Any]) -> Receipt:
    delivery = _DELIVERIES.get(str(record.get("status")), Delivery.SENT)
    code = str(record.get("error_code") or "")
    return Receipt(_text(record["sid"]), delivery, _time(record), code if delivery is Delivery.FAILED else "")


def _receipt_if_readable(record: Any) -> Receipt | None:
    try:
        return _receipt(record)
    except _BROKEN:
        return None


def _time(record: dict[str, Any], *names: str) -> datetime:
    stamp = next((record[name] for name in names or ("date_sent", "date_created") if record.get(name)), None)
    if not isinstance(stamp, str):
        raise TypeError("no time")
    return parsedate_to_datetime(stamp).astimezone(UTC)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("not a text")
    return value


def _day(moment: datetime) -> str:
    """Twilio filters by whole GMT days."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d")
