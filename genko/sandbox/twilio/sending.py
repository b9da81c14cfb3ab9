"""The clinic sends: what is refused at once, what is accepted, what happens to it then."""

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from genko.sandbox import statuses
from genko.sandbox.records import Account, Media, Message, Status, Step
from genko.sandbox.twilio import delivery
from genko.sandbox.twilio.accounts import Template, TwilioAccount
from genko.sandbox.twilio.errors import MEDIA_NOT_LOADED, ApiError
from genko.sandbox.twilio.shapes import PREFIX, new_message_sid
from genko.sandbox.world import Provider

LONGEST_BODY = 1600
LOOPBACK = ("127.0.0.1", "localhost", "::1")
E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True)
class Order:
    to: str
    sender: str
    body: str
    media_urls: list[str] = field(default_factory=list)
    content_sid: str = ""
    content_variables: str = ""


def accept(provider: Provider, account: TwilioAccount, order: Order, *, queued_s: float = 0) -> Message:
    """The message stays queued for `queued_s` seconds, without a date_sent, before its first step."""
    template = _check(account, order)
    now = provider.now()
    patient = provider.patient(account, order.to.removeprefix(PREFIX))
    allowed = template is not None or delivery.window_open(account, patient.id, now)
    message = provider.add_message(account, _message(provider, account, order, template))
    provider.counters.creates[account.id, order.to, message.body] += 1
    leaves_at = now + timedelta(seconds=queued_s)
    plan = delivery.plan(patient, allowed, leaves_at, provider.world.step)
    if order.media_urls:
        provider.run_in_background(_load_media(provider, account, message, order.media_urls, plan))
    else:
        statuses.start_moving(account, message, plan)
    return message


def _message(provider: Provider, account: Account, order: Order, template: Template | None) -> Message:
    now = provider.now()
    placeholder = [Media("", b"")] if order.media_urls else []
    return Message(
        id=new_message_sid(placeholder),
        account_id=account.id,
        clinic_address=account.address,
        patient_id=order.to.removeprefix(PREFIX),
        body=_fill_in(template, order.content_variables) if template else order.body,
        status=Status.QUEUED,
        created_at=now,
        updated_at=now,
    )


def _check(account: TwilioAccount, order: Order) -> Template | None:
    if order.sender != PREFIX + account.address:
        reason = "Twilio could not find a Channel with the specified From address"
        raise ApiError(400, 63007, reason)
    _check_recipient(account, order.to)
    if order.content_sid:
        return _template(account, order.content_sid)
    if not order.body and not order.media_urls:
        raise ApiError(400, 21602, "Message body is required.")
    if len(order.body) > LONGEST_BODY:
        raise ApiError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    if len(order.media_urls) > 1:
        raise ApiError(400, 21623, "Number of media files exceeds allowed limit")
    return None


def _check_recipient(account: Account, to: str) -> None:
    patient_id = to.removeprefix(PREFIX)
    known = account.patients.get(patient_id)
    if not to.startswith(PREFIX) or (known is None and not E164.fullmatch(patient_id)):
        raise ApiError(400, 21211, "The 'To' number is not a valid phone number.")
    if known is not None and known.opted_out:
        raise ApiError(400, 21610, "Attempt to send to unsubscribed recipient")


def _template(account: TwilioAccount, content_sid: str) -> Template:
    template = account.templates.get(content_sid)
    if template is None:
        raise ApiError(400, 21655, "The ContentSid is Invalid")
    return template


def _fill_in(template: Template, variables: str) -> str:
    try:
        values = {**template.variables, **json.loads(variables or "{}")}
    except ValueError:
        raise ApiError(400, 21656, "The ContentVariables Parameter is invalid") from None
    return re.sub(r"{{(\w+)}}", lambda match: str(values.get(match[1], "")), template.body)


async def _load_media(
    provider: Provider, account: Account, message: Message, urls: list[str], plan: list[Step]
) -> None:
    try:
        message.media = [await _load(url) for url in urls]
    except (httpx.HTTPError, httpx.InvalidURL):
        plan = [Step(provider.now(), Status.UNDELIVERED, MEDIA_NOT_LOADED)]
    for media in message.media:
        provider.media[media.key] = media
    statuses.start_moving(account, message, plan)


async def _load(url: str) -> Media:
    """HEAD, then GET, as Twilio does. From this machine only, so that a demo never calls out."""
    if httpx.URL(url).host not in LOOPBACK:
        raise httpx.InvalidURL("not on this machine")
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        announced = (await client.head(url)).raise_for_status().headers.get("content-type", "")
        answer = (await client.get(url)).raise_for_status()
    content_type = answer.headers.get("content-type", "")
    if content_type != announced:
        raise httpx.InvalidURL("HEAD and GET disagree about the type")
    return Media(content_type.partition(";")[0], answer.content)
