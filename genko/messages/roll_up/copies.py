"""A message that was stored twice and is one."""

from sqlalchemy.orm import Session

from genko.messages.models import Conversation
from genko.messages.roll_up.newest import recompute_newest
from genko.messages.roll_up.waits import recompute_waiting


def remove_copy(session: Session, conversation: Conversation) -> None:
    """The second row of the message has been deleted."""
    conversation.message_count -= 1
    recompute_newest(session, conversation)
    recompute_waiting(session, conversation)
