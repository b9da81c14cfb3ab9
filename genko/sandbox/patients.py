"""The patient writes, and whole histories that happened before."""

from datetime import datetime

from genko.sandbox.bodies import PastMessage, PatientMessage
from genko.sandbox.records import Account, Media, Message, Status
from genko.sandbox.stand_in import Messaging
from genko.sandbox.world import Provider


def receive(provider: Provider, messaging: Messaging, account: Account, body: PatientMessage) -> Message:
    """An id that is known already changes nothing: the same message cannot arrive twice."""
    patient = provider.patient(account, body.patient, body.name)
    patient.opted_out = messaging.opt_out_words.get(body.body.strip().lower(), patient.opted_out)
    known = account.messages_by_id.get(body.id or "")
    if known is not None:
        return known
    message = _message(messaging, account, body, Status.RECEIVED, body.at or provider.now())
    return provider.add_message(account, message)


def load(
    provider: Provider, messaging: Messaging, account: Account, past: list[PastMessage]
) -> list[Message]:
    return [_load_one(provider, messaging, account, message) for message in past]


def _load_one(provider: Provider, messaging: Messaging, account: Account, past: PastMessage) -> Message:
    provider.patient(account, past.patient, past.name)
    if past.direction == "in":
        message = _message(messaging, account, past, Status.RECEIVED, past.at)
    else:
        message = _message(messaging, account, past, past.status, past.at)
        message.error_code = past.error_code
    return provider.add_message(account, message)


def _message(
    messaging: Messaging, account: Account, body: PatientMessage | PastMessage, status: Status, at: datetime
) -> Message:
    media: list[Media] = [item.build() for item in body.media]
    return Message(
        id=body.id or messaging.new_message_id(media),
        account_id=account.id,
        clinic_address=account.address,
        patient_id=body.patient,
        body=body.body,
        status=status,
        created_at=at,
        updated_at=at,
        sent_at=at,
        media=media,
    )
