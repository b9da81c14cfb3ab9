"""How a sent message moves on: worked out from the time of looking, so nothing runs in the background."""

from datetime import datetime, timedelta

from genko.sandbox.records import Account, Message, Patient, Status, Step

REPLY_WINDOW = timedelta(hours=24)
BLOCKED = 63014
OUTSIDE_WINDOW = 63016
MIXED_UP = (Status.DELIVERED, Status.SENT, Status.READ, Status.QUEUED, Status.DELIVERED)


def window_open(account: Account, patient_id: str, now: datetime) -> bool:
    written = [one.created_at for one in account.with_patient(patient_id) if one.inbound]
    return bool(written) and now - max(written) < REPLY_WINDOW


def path_of(patient: Patient, allowed: bool, now: datetime, step: float) -> list[Step]:
    pause = timedelta(seconds=step)
    if not allowed:
        return [Step(now + pause, Status.UNDELIVERED, OUTSIDE_WINDOW)]
    trouble = BLOCKED if patient.blocked else patient.unreachable
    last = Status.UNDELIVERED if trouble else Status.DELIVERED
    return [Step(now + pause, Status.SENT), Step(now + 2 * pause, last, trouble)]


def start_moving(account: Account, message: Message, plan: list[Step]) -> None:
    message.plan = plan
    account.moving[message.sid] = message


def settle(account: Account, now: datetime) -> None:
    """Take every step that is due."""
    for message in list(account.moving.values()):
        patient = account.patients[message.patient_id]
        while message.plan and _due(message.plan[0], patient, now):
            _take(message, message.plan.pop(0))
        if not message.plan:
            del account.moving[message.sid]


def switch_phone(account: Account, patient: Patient, on: bool, now: datetime) -> None:
    """What waited for a phone that was off arrives when it comes on, not at its old due time."""
    if on and not patient.phone_on:
        for message in account.moving.values():
            for step in message.plan if message.patient_id == patient.id else []:
                step.due_at = max(step.due_at, now)
    patient.phone_on = on


def read_all(account: Account, patient_id: str, now: datetime) -> int:
    settle(account, now)
    read = [one for one in account.with_patient(patient_id) if one.status is Status.DELIVERED]
    for message in read:
        _take(message, Step(now, Status.READ))
    return len(read)


def mixed_up(message: Message) -> Status:
    """A status out of order, another at every look."""
    message.times_seen += 1
    return MIXED_UP[(message.times_seen - 1) % len(MIXED_UP)]


def _due(step: Step, patient: Patient, now: datetime) -> bool:
    waits = step.status is Status.DELIVERED and not patient.phone_on
    return step.due_at <= now and not waits


def _take(message: Message, step: Step) -> None:
    message.status = step.status
    message.updated_at = step.due_at
    message.error_code = step.error_code
    if step.status is Status.SENT:
        message.sent_at = step.due_at
