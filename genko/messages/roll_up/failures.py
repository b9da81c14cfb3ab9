"""How many messages of a conversation failed and nobody has dealt with yet."""

from sqlalchemy.orm import Session

from genko import clock
from genko.messages import waiting
from genko.messages.models import Conversation, Message
from genko.messages.roll_up.waits import recompute_waiting


def add_failure(session: Session, conversation: Conversation, message: Message) -> None:
    """The message failed or was never confirmed. If it had ended a wait, that wait goes on."""
    if not message.settled:  # settled from the start: a message that was sent from another tool
        conversation.failed_count += 1
    conversation.changed_at = clock.now()
    recompute_waiting(session, conversation)
    if conversation.waiting_since:
        waiting.forget_answers(session, conversation.id, conversation.waiting_since)


def remove_failure(conversation: Conversation) -> None:
    conversation.failed_count = max(0, conversation.failed_count - 1)
    conversation.changed_at = clock.now()
