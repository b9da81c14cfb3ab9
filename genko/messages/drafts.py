"""What somebody is typing. Belongs to one conversation and one staff member, and lives on the server."""

from collections.abc import Collection
from dataclasses import dataclass
from secrets import token_urlsafe

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db, text
from genko.access import roles
from genko.access.models import Role
from genko.messages import conversations
from genko.messages.models import Draft

LONGEST = 20_000  # characters; far over every channel's limit, so that a pasted text is not lost


@dataclass(frozen=True)
class OpenDraft:
    """`token` goes out with the message and makes one click one message."""

    token: str
    text: str
    seen_message_id: int


def begin(session: Session, conversation_id: int, *, by: int) -> OpenDraft:
    """The draft of this person here, made on first use. Every open tab gets the same token."""
    conversations.get(session, conversation_id)
    row = {
        "conversation_id": conversation_id, "staff_id": by, "token": token_urlsafe(18), "text": "",
        "seen_message_id": 0, "updated_at": clock.now(),
    }  # fmt: skip
    session.execute(db.insert(session, Draft).values(**row).on_conflict_do_nothing())
    found = session.get_one(Draft, (conversation_id, by))
    return OpenDraft(found.token, found.text, found.seen_message_id)


def find(session: Session, conversation_id: int, *, by: int) -> OpenDraft | None:
    found = session.get(Draft, (conversation_id, by))
    return OpenDraft(found.token, found.text, found.seen_message_id) if found else None


def save(
    session: Session,
    conversation_id: int,
    typed: str,
    *,
    by: int,
    token: str,
    seen_message_id: int,
    rest: str = "",
) -> bool:
    """Keeps what was typed; False when that draft has been sent meanwhile, so that it does not come back.

    `rest` is what is kept all the same then: typed after it, by somebody who has left the conversation since.
    """
    roles.require(session, by, Role.STAFF)
    typed = text.storable(typed)[:LONGEST]
    draft = Draft.conversation_id == conversation_id, Draft.staff_id == by, Draft.token == token
    # The newest message known when the first character was typed is what the author has seen; of nothing typed, nothing.
    seen = sa.case((Draft.text == "", seen_message_id), else_=Draft.seen_message_id) if typed else 0
    saved = session.execute(
        sa.update(Draft)
        .where(*draft)
        .values(text=typed, seen_message_id=seen, updated_at=clock.now())
        .returning(Draft.token)
    )
    return saved.scalar_one_or_none() is not None or _add(
        session, conversation_id, text.storable(rest), by, seen_message_id
    )


def _add(session: Session, conversation_id: int, rest: str, by: int, seen_message_id: int) -> bool:
    """To the draft that follows the one that has been sent; what another tab has put there stays."""
    draft = db.locked(session, Draft, (conversation_id, by))
    if draft is None or not rest.strip():
        return False
    if not draft.text:
        draft.text, draft.seen_message_id = rest[:LONGEST], seen_message_id
    elif f"\n{rest}\n" not in f"\n{draft.text}\n":
        draft.text = f"{draft.text}\n{rest}"[:LONGEST]
    draft.updated_at = clock.now()
    return True


def finish(
    session: Session, conversation_id: int, *, by: int, token: str, body: str, written: Collection[str] = ()
) -> None:
    """The draft has been sent: a new token, and no text but what was typed after it or in another tab.

    `written` are the texts that the draft went through in the tab that sent it.
    """
    sent = {text.storable(one)[:LONGEST] for one in (body, *written)}
    before = f"{text.storable(body)}\n"
    after = sa.func.substr(Draft.text, len(before) + 1)
    begins = sa.func.substr(Draft.text, 1, len(before)) == before
    rest = sa.case((Draft.text.in_(sent), ""), (begins, after), else_=Draft.text)
    seen = sa.case((rest == "", 0), else_=Draft.seen_message_id)
    session.execute(
        sa.update(Draft)
        .where(Draft.conversation_id == conversation_id, Draft.staff_id == by, Draft.token == token)
        .values(text=rest, token=token_urlsafe(18), seen_message_id=seen, updated_at=clock.now())
    )
