"""The preview: the newest message of a conversation in a few words."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import text
from genko.channels.base import Author
from genko.messages.models import Conversation, Message, MessageFile

_FILE = "📎 File"


def show_newest(
    conversation: Conversation,
    *,
    author: Author,
    body: str,
    at: datetime,
    notice: str = "",
    has_files: bool = False,
) -> None:
    conversation.preview = text.one_line(body) or notice or (_FILE if has_files else "")
    conversation.preview_author = author
    conversation.last_message_at = at


def recompute_newest(session: Session, conversation: Conversation) -> None:
    """After the provider has given a message another time than our clock did."""
    newest = session.scalar(
        sa.select(Message)
        .where(Message.conversation_id == conversation.id)
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    )
    if newest is None:
        return
    files = sa.select(MessageFile.id).where(MessageFile.message_id == newest.id).limit(1)
    show_newest(
        conversation,
        author=newest.author,
        body=newest.body,
        at=newest.at,
        notice=newest.notice,
        has_files=session.scalar(files) is not None,
    )
