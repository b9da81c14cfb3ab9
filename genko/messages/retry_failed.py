"""A message that failed, or whose answer was lost for good: staff send it again or mark it as settled."""

from sqlalchemy.orm import Session

from genko.access import roles
from genko.access.models import Role
from genko.errors import NotFound, Refused
from genko.messages import conversations, outbox, roll_up
from genko.messages.models import Message


def send_again(session: Session, message_id: int, *, by: int) -> Message:
    """A new message with the text of one that failed or was never confirmed. Two clicks make one message."""
    failed = _unsettled(session, message_id, by)
    if failed.settled:
        again = outbox.find_by_token(session, again_token(message_id))
        if again is None:
            raise Refused("Somebody has already settled this message.")
        return again
    again = outbox.queue(
        session,
        failed.conversation_id,
        failed.body,
        by=by,
        token=again_token(message_id),
        override=failed.override,
    )
    _settle(session, failed)
    return again


def again_token(message_id: int) -> str:
    return f"again:{message_id}"


def settle(session: Session, message_id: int, *, by: int) -> None:
    """Staff have dealt with the failure in another way, or know that the message arrived."""
    _settle(session, _unsettled(session, message_id, by))


def _unsettled(session: Session, message_id: int, by: int) -> Message:
    roles.require(session, by, Role.STAFF)
    message = session.get(Message, message_id, with_for_update=True)
    if message is None:
        raise NotFound("This message does not exist.")
    if not message.needs_a_person:
        raise Refused("This message is on its way: there is nothing to send again.")
    return message


def _settle(session: Session, message: Message) -> None:
    if message.settled:
        return
    message.settled = True
    roll_up.remove_failure(conversations.lock(session, message.conversation_id))
