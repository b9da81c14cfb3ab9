"""The clinic sends: what is refused at once, what is accepted, what happens to it then."""

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from genko.sandbox import statuses
from genko.sandbox.errors import ApiError
from genko.sandbox.records import PREFIX, Account, Media, Message, Status, Step, Template
from genko.sandbox.world import World, new_sid

LONGEST_BODY = 1600
MEDIA_NOT_LOADED = 63019
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


def accept(world: World, account: Account, order: Order, *, queued_for: float = 0) -> Message:
    """`queued_for` seconds it stays queued, without a date_sent, before it takes its first step."""
    template = _check(account, order)
    now = world.now()
    patient = world.patient(account, order.to.removeprefix(PREFIX))
    allowed = template is not None or statuses.window_open(account, patient.id, now)
    message = world.keep(account, _message(world, account, order, template))
    world.counters.creates[account.sid, order.to, message.body] += 1
    plan = statuses.path_of(patient, allowed, now + timedelta(seconds=queued_for), world.step)
    if order.media_urls:
        world.errand(_load_media(world, account, message, order.media_urls, plan))
    else:
        statuses.start_moving(account, message, plan)
    return message


def _message(world: World, account: Account, order: Order, template: Template | None) -> Message:
    now = world.now()
    placeholder = [Media("", b"")] if order.media_urls else []
    return Message(
        sid=new_sid(placeholder),
        account_sid=account.sid,
        sender=account.address,
        recipient=order.to,
        body=_fill_in(template, order.content_variables) if template else order.body,
        status=Status.QUEUED,
        created_at=now,
        updated_at=now,
    )


def _check(account: Account, order: Order) -> Template | None:
    if order.sender != account.address:
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


def _template(account: Account, content_sid: str) -> Template:
    template = account.templates.get(content_sid)
    if template is None:
        raise ApiError(400, 21655, "The ContentSid is Invalid")
    return template


def _fill_in(template: Template, variables: str) -> str:
    try:
        given = json.loads(variables or "{}")
    except ValueError:
        raise ApiError(400, 21656, "The ContentVariables Parameter is invalid") from None
    values = {**template.variables, **given}
    return re.sub(r"{{(\w+)}}", lambda found: str(values.get(found[1], "")), template.body)


async def _load_media(
    world: World, account: Account, message: Message, urls: list[str], plan: list[Step]
) -> None:
    try:
        message.media = [await _load(url) for url in urls]
    except (httpx.HTTPError, httpx.InvalidURL):
        plan = [Step(world.now(), Status.UNDELIVERED, MEDIA_NOT_LOADED)]
    for media in message.media:
        world.media[media.key] = media
    statuses.start_moving(account, message, plan)


async def _load(url: str) -> Media:
    """HEAD then GET as the provider does it; from this machine only, so a demo never calls out."""
    if httpx.URL(url).host not in LOOPBACK:
        raise httpx.InvalidURL("not on this machine")
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        announced = (await client.head(url)).raise_for_status().headers.get("content-type", "")
        answer = (await client.get(url)).raise_for_status()
    content_type = answer.headers.get("content-type", "")
    if content_type != announced:
        raise httpx.InvalidURL("HEAD and GET disagree about the type")
    return Media(content_type.partition(";")[0], answer.content)
