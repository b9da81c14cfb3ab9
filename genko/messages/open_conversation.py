"""Opens a conversation: everything that its screen needs, read at one moment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from genko.access import audit, roles
from genko.access.models import Role
from genko.messages import assignees, conversation_head, conversations, drafts, saved_replies, thread, unread
from genko.messages.assignees import Assignee
from genko.messages.conversation_head import ConversationHead
from genko.messages.drafts import OpenDraft
from genko.messages.models import ConversationSeen
from genko.messages.saved_replies import Reply
from genko.messages.thread import Thread


@dataclass(frozen=True)
class OpenConversation:
    head: ConversationHead
    messages: Thread
    draft: OpenDraft | None
    saved_replies: list[Reply]
    assignees: list[Assignee]


def open_conversation(session: Session, conversation_id: int, *, by: int) -> int:
    """Audits the look, marks the conversation as read and begins a draft. Gives the number of unread messages."""
    role = roles.require(session, by, Role.VIEWER)
    conversation = conversations.get(session, conversation_id)
    seen = session.get(ConversationSeen, (conversation_id, by))
    unread_count = unread.count_unread(session, conversation_id, by=by)
    if seen is None or unread_count:
        unread.see(session, conversation_id, conversation.inbound_count, by=by)
    if role is not Role.VIEWER:
        drafts.begin(session, conversation_id, by=by)
    audit.record(session, "view", by=by, subject_kind="conversation", subject_id=conversation_id)
    return unread_count


def read_conversation(
    session: Session, conversation_id: int, *, by: int, at: datetime, region: str, messages: int
) -> OpenConversation:
    return OpenConversation(
        head=conversation_head.get_head(session, conversation_id, by=by, at=at, region=region),
        messages=thread.get_thread(session, conversation_id, messages=messages),
        draft=drafts.find(session, conversation_id, by=by),
        saved_replies=saved_replies.find_replies(session),
        assignees=assignees.find_assignees(session),
    )
