"""Since when somebody waits, as the conversation's row says it."""

from sqlalchemy.orm import Session

from genko.messages import waiting
from genko.messages.models import Conversation, ConversationStatus


def recompute_waiting(session: Session, conversation: Conversation) -> None:
    """From the stored messages: for a reply that failed, or for messages that came in late."""
    session.flush()
    if conversation.status is ConversationStatus.ACTIVE:
        conversation.waiting_since = waiting.find_waiting_since(session, conversation)
    else:
        conversation.waiting_since = None
