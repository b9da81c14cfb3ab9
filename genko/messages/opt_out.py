"""Opting out: a person asks for no more messages, by writing STOP or at the provider, and lifts it with START.

Two times are stored in place of a flag, because STOP and START may reach us in any order.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from genko.messages.models import Identity, Message
from genko.messages.roll_up import StoredEvent

SENTENCE = "This person asked for no more messages (STOP). They can write START to change that."
_OUT_WORDS = frozenset({"stop"})
_IN_WORDS = frozenset({"start", "unstop"})


def is_opted_out(identity: Identity) -> bool:
    if identity.opted_out_at is None:
        return False
    return identity.opted_in_at is None or identity.opted_out_at > identity.opted_in_at


def hear_keywords(session: Session, stored: Sequence[StoredEvent]) -> None:
    """STOP and START count only when they stand alone in a message: a sentence may contain either word."""
    for message in stored:
        word = message.event.body.strip().casefold()
        if message.event.outbound or word not in _OUT_WORDS | _IN_WORDS:
            continue
        identity = session.get_one(Identity, message.conversation.identity_id)
        if word in _OUT_WORDS:
            identity.opted_out_at = _later(identity.opted_out_at, message.event.at)
        else:
            identity.opted_in_at = _later(identity.opted_in_at, message.event.at)


def note_refusal(identity: Identity, message: Message) -> None:
    """The provider refused a message, because the person opted out there.

    The time of the refused message counts: the person may have written START since.
    """
    identity.opted_out_at = _later(identity.opted_out_at, message.at)


def _later(known_at: datetime | None, at: datetime) -> datetime:
    return max(known_at or at, at)
