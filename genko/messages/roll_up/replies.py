"""A reply that staff have queued, in its conversation's row."""

from sqlalchemy.orm import Session

from genko.messages import waiting
from genko.messages.models import Conversation, Message
from genko.messages.roll_up.newest import show_newest


def add_reply(session: Session, conversation: Conversation, reply: Message) -> None:
    """It ends the wait at once, before the provider has it; if it fails, the wait goes on."""
    conversation.message_count += 1
    at = max(conversation.last_message_at, reply.at)
    show_newest(conversation, author=reply.author, body=reply.body, at=at)
    conversation.changed_at = reply.at
    if conversation.waiting_since and waiting.ends_a_wait(reply.author, reply.delivery):
        waiting.keep_answer(session, conversation.id, conversation.waiting_since, reply.at, reply.staff_id)
        conversation.waiting_since = None
