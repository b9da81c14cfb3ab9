"""From the composer to the outbox: a draft is sent once, whatever is clicked, and not past a colleague's answer."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from genko.errors import Refused
from genko.messages import conversations, drafts, outbox
from genko.messages.outbox import Answered, find_by_token


def send(
    session: Session,
    conversation_id: int,
    body: str,
    *,
    by: int,
    token: str,
    seen_message_id: int,
    override: bool = False,
    anyway: bool = False,
    written: Collection[str] = (),
) -> Answered | None:
    """Queues the draft of that token; Answered, and nothing queued, when a colleague was quicker.

    `written` are the texts that this draft went through on its way to `body`: another one is another tab's and stays.
    """
    conversations.lock(
        session, conversation_id
    )  # of two colleagues at once, the second sees the first one's answer
    if find_by_token(session, token) is None:
        draft = drafts.find(session, conversation_id, by=by)
        if draft is None or draft.token != token:
            raise Refused("This draft is out of date. Reload the page; your text is kept.")
        seen = draft.seen_message_id or seen_message_id
        answered = None if anyway else outbox.answered_since(session, conversation_id, seen, by=by)
        if answered:
            return answered
    outbox.queue(session, conversation_id, body, by=by, token=token, override=override)
    drafts.finish(session, conversation_id, by=by, token=token, body=body, written=written)
    return None


def sent_under(session: Session, token: str) -> str | None:
    """The text that the draft of that token became."""
    message = find_by_token(session, token)
    return message.body if message else None
