"""How a sent message moves on: worked out from the time of looking, so nothing runs in the background."""

from datetime import datetime

from genko.sandbox.records import Account, Message, Patient, Status, Step


def start_moving(account: Account, message: Message, plan: list[Step]) -> None:
    message.plan = plan
    account.moving[message.id] = message


def settle(account: Account, now: datetime) -> None:
    """Take every step that is due."""
    for message in list(account.moving.values()):
        patient = account.patients[message.patient_id]
        while message.plan and _due(message.plan[0], patient, now):
            _take(message, message.plan.pop(0))
        if not message.plan:
            del account.moving[message.id]


def switch_phone(account: Account, patient: Patient, on: bool, now: datetime) -> None:
    """What waited for a phone that was off arrives when it comes on, not at its old due time."""
    if on and not patient.phone_on:
        for message in account.moving.values():
            for step in message.plan if message.patient_id == patient.id else []:
                step.due_at = max(step.due_at, now)
    patient.phone_on = on


def read_all(account: Account, patient_id: str, now: datetime) -> int:
    settle(account, now)
    delivered = [
        message for message in account.messages_with(patient_id) if message.status is Status.DELIVERED
    ]
    for message in delivered:
        _take(message, Step(now, Status.READ))
    return len(delivered)


def _due(step: Step, patient: Patient, now: datetime) -> bool:
    waits = step.status is Status.DELIVERED and not patient.phone_on
    return step.due_at <= now and not waits


def _take(message: Message, step: Step) -> None:
    message.status = step.status
    message.updated_at = step.due_at
    message.error_code = step.error_code
    if step.status is Status.SENT:
        message.sent_at = step.due_at
