"""The patient writes, and whole histories that happened before."""

from datetime import datetime

from genko.sandbox.orders import PastMessage, PatientMessage
from genko.sandbox.records import PREFIX, Account, Media, Message, Status
from genko.sandbox.world import World, new_sid

OPT_OUT = {"stop": True, "start": False, "unstop": False}


def receive(world: World, account: Account, order: PatientMessage) -> Message:
    """A sid that is known already changes nothing: the same message cannot arrive twice."""
    patient = world.patient(account, order.patient, order.name)
    patient.opted_out = OPT_OUT.get(order.body.strip().lower(), patient.opted_out)
    known = account.by_sid.get(order.sid or "")
    if known is not None:
        return known
    at = order.at or world.now()
    media = [each.build() for each in order.media]
    return world.keep(account, _inbound(account, order, at, media))


def load(world: World, account: Account, past: list[PastMessage]) -> list[Message]:
    return [_remember(world, account, one) for one in past]


def _remember(world: World, account: Account, past: PastMessage) -> Message:
    world.patient(account, past.patient, past.name)
    media = [each.build() for each in past.media]
    if past.direction == "in":
        return world.keep(account, _inbound(account, past, past.at, media))
    message = Message(
        sid=past.sid or new_sid(media),
        account_sid=account.sid,
        sender=account.address,
        recipient=f"{PREFIX}{past.patient}",
        body=past.body,
        status=past.status,
        created_at=past.at,
        updated_at=past.at,
        sent_at=past.at,
        error_code=past.error_code,
        media=media,
    )
    return world.keep(account, message)


def _inbound(
    account: Account, order: PatientMessage | PastMessage, at: datetime, media: list[Media]
) -> Message:
    return Message(
        sid=order.sid or new_sid(media),
        account_sid=account.sid,
        sender=f"{PREFIX}{order.patient}",
        recipient=account.address,
        body=order.body,
        status=Status.RECEIVED,
        created_at=at,
        updated_at=at,
        sent_at=at,
        media=media,
    )
