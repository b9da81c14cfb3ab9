"""Which statuses a message that the clinic sends will take on WhatsApp."""

from datetime import datetime, timedelta

from genko.sandbox.records import Account, Message, Patient, Status, Step
from genko.sandbox.twilio.errors import BLOCKED, OUTSIDE_WINDOW

REPLY_WINDOW = timedelta(hours=24)
MIXED_UP = (Status.DELIVERED, Status.SENT, Status.READ, Status.QUEUED, Status.DELIVERED)


def window_open(account: Account, patient_id: str, now: datetime) -> bool:
    inbound_at = [message.created_at for message in account.messages_with(patient_id) if message.inbound]
    return bool(inbound_at) and now - max(inbound_at) < REPLY_WINDOW


def plan(patient: Patient, allowed: bool, now: datetime, step: float) -> list[Step]:
    """`step` in seconds."""
    pause = timedelta(seconds=step)
    if not allowed:
        return [Step(now + pause, Status.UNDELIVERED, OUTSIDE_WINDOW)]
    error_code = BLOCKED if patient.blocked else patient.unreachable
    last = Status.UNDELIVERED if error_code else Status.DELIVERED
    return [Step(now + pause, Status.SENT), Step(now + 2 * pause, last, error_code)]


def mixed_up(message: Message) -> Status:
    """A status out of order, a different one each time the message is looked at."""
    message.times_seen += 1
    return MIXED_UP[(message.times_seen - 1) % len(MIXED_UP)]
