"""What happens to messages after they were written. Any order and any repetition gives the same messages."""

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db, text
from genko.channels.events import Change, Edit, Reaction, Receipt, Seen, Unsend
from genko.messages import conversations, early_changes, files, receipts, roll_up, search
from genko.messages.change_models import MessageReaction
from genko.messages.models import Conversation, Identity, Message

_UNSENT = "This message was unsent."


def apply(session: Session, account_id: int, changes: Sequence[Change]) -> int:
    """Applies what can be applied and keeps the rest for later; the number of messages that were found."""
    messages = _lock_messages(session, account_id, changes)
    by_message: dict[str, list[Change]] = defaultdict(list)
    early: list[Change] = []
    for change in changes:
        if isinstance(change, Seen):
            if not _note_seen(session, account_id, change):
                early.append(change)
        elif change.provider_id in messages:
            by_message[change.provider_id].append(change)
        else:
            early.append(change)
    early_changes.keep(session, account_id, early)
    for message in sorted(messages.values(), key=lambda message: (message.conversation_id, message.id)):
        for change in by_message[str(message.provider_id)]:
            _apply(session, message, change)
    receipts_here = [
        change for changes_of in by_message.values() for change in changes_of if isinstance(change, Receipt)
    ]
    receipts.apply_receipts(session, account_id, receipts_here)
    return len(messages)


def apply_arrived(session: Session, account_id: int) -> None:
    """Applies the changes that were kept for messages which have come in since."""
    if changes := early_changes.take_arrived(session, account_id):
        apply(session, account_id, changes)


def _lock_messages(session: Session, account_id: int, changes: Sequence[Change]) -> dict[str, Message]:
    ids = {change.provider_id for change in changes if not isinstance(change, Seen)}
    messages: dict[str, Message] = {}
    for batch in db.in_batches(sorted(ids)):
        query = sa.select(Message).where(Message.account_id == account_id, Message.provider_id.in_(batch))
        for message in session.scalars(query.order_by(Message.id).with_for_update()):
            messages[str(message.provider_id)] = message
    return messages


def _apply(session: Session, message: Message, change: Change) -> None:
    if isinstance(change, Edit):
        _edit(session, message, change)
    elif isinstance(change, Unsend):
        _unsend(session, message, change)
    elif isinstance(change, Reaction):
        _react(session, message, change)


def _edit(session: Session, message: Message, edit: Edit) -> None:
    """The newest text wins. Without a new text there is nothing to show, and an unsent message stays unsent."""
    body = text.storable(edit.body).strip()
    if not body or message.unsent_at:
        return
    if message.edited_at and (edit.at, body) <= (message.edited_at, message.body):
        return
    search.reindex_message(session, message.id, before=message.body, after=body)
    message.body, message.edited_at = body, edit.at
    _show_again(session, message)


def _unsend(session: Session, message: Message, unsend: Unsend) -> None:
    """The row stays, so that staff see that something was here; what was written does not."""
    if message.unsent_at:
        message.unsent_at = min(message.unsent_at, unsend.at)
        return
    search.reindex_message(session, message.id, before=message.body, after="")
    message.unsent_at, message.edited_at = unsend.at, None
    message.body, message.notice = "", _UNSENT
    files.remove_all(session, message.id)
    _show_again(session, message)


def _show_again(session: Session, message: Message) -> None:
    session.flush()
    roll_up.recompute_newest(session, conversations.lock(session, message.conversation_id))
    roll_up.mark_changed(session, message.conversation_id)


def _react(session: Session, message: Message, reaction: Reaction) -> None:
    """The person's newest reaction wins. The caller holds the message."""
    stored = session.get(MessageReaction, (message.id, reaction.person))
    if stored is None:
        stored = MessageReaction(
            message_id=message.id, person=reaction.person, emoji=reaction.emoji, at=reaction.at
        )
        session.add(stored)
    elif (reaction.at, reaction.emoji) > (stored.at, stored.emoji):
        stored.at, stored.emoji = reaction.at, reaction.emoji
    session.flush()
    roll_up.mark_changed(session, message.conversation_id)


def _note_seen(session: Session, account_id: int, seen: Seen) -> bool:
    """Whether the person is known. What they have seen shows as read: see `thread`."""
    identity = session.scalar(
        sa.select(Identity)
        .where(Identity.account_id == account_id, Identity.external_id == seen.person)
        .with_for_update()
    )
    if identity is None:
        return False
    if identity.seen_at is None or identity.seen_at < seen.at:
        identity.seen_at = seen.at
        session.flush()
        conversation_id = session.scalar(
            sa.select(Conversation.id).where(Conversation.identity_id == identity.id)
        )
        if conversation_id:
            roll_up.mark_changed(session, conversation_id)
    return True
