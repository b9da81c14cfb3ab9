"""Sending, as far as a screen goes: a row is written, the worker does the rest."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db, text
from genko.access import audit, roles
from genko.access.models import Role, StaffMember
from genko.channels import registry
from genko.channels.base import Author, Delivery
from genko.channels.models import ChannelAccount, Health
from genko.channels.outgoing import Outgoing, TextPart
from genko.errors import Refused
from genko.messages import conversations, lead_contact, opt_out, roll_up, search, waiting
from genko.messages.models import Conversation, Identity, Message


@dataclass(frozen=True)
class Answered:
    """Somebody else has answered since the draft was begun."""

    by_name: str
    at: datetime


def why_blocked(session: Session, conversation: Conversation, at: datetime) -> str | None:
    """The reason why nothing can be sent here, as a sentence; None when sending is possible."""
    account = session.get_one(ChannelAccount, conversation.account_id)
    off = account.health in {Health.BROKEN, Health.UNVERIFIED}
    problem = (account.last_error or "It is not verified yet.") if off else ""
    if account.send_retry_at and account.send_retry_at > at:  # afterwards the next message is a try
        problem = problem or account.send_error
    if problem and not account.removed_at:
        return f"{account.label} cannot send: {problem} An administrator can mend it under Settings."
    return why_forbidden(session, conversation, at)


def why_forbidden(session: Session, conversation: Conversation, at: datetime) -> str | None:
    """The same without the account's health: what is queued waits for a broken account to be mended."""
    account = session.get_one(ChannelAccount, conversation.account_id)
    identity = session.get_one(Identity, conversation.identity_id)
    if account.removed_at:
        return f"{account.label} is no longer connected. Replies leave only from the account the patient wrote to."
    if opt_out.is_opted_out(identity):
        return opt_out.SENTENCE
    return registry.kind(account.channel).policy.why_closed(conversation.last_inbound_at, at)


def queue(
    session: Session, conversation_id: int, body: str, *, by: int, token: str, override: bool = False
) -> Message:
    """One outbound message. The same token again gives the same row, whatever was clicked twice."""
    roles.require(session, by, Role.STAFF)
    conversation = conversations.lock(session, conversation_id)
    if existing := find_by_token(session, token):
        return _same(existing, conversation_id, body)
    body = _sendable(session, conversation, body)
    now = clock.now()  # not before the lock: it answers all that has come in by then
    message_id = _insert(session, conversation, body, now, by=by, token=token, override=override)
    if message_id is None:  # the other click was quicker
        return _same(session.scalars(_BY_TOKEN, {"token": token}).one(), conversation_id, body)
    reply = session.get_one(Message, message_id)
    roll_up.add_reply(session, conversation, reply)
    search.index_messages(session, [(message_id, body)])
    lead_contact.written_to(session, conversation_id, now)
    audit.record(session, "send", by=by, subject_kind="conversation", subject_id=conversation_id)
    return reply


def outgoing(message: Message, to: str) -> Outgoing:
    """The message as its channel sends it, and looks it up where the answer was lost."""
    return Outgoing(to, (TextPart(message.body),), message.client_token or f"message:{message.id}")


def find_by_token(session: Session, token: str) -> Message | None:
    return session.scalar(_BY_TOKEN, {"token": token})


_BY_TOKEN = sa.select(Message).where(Message.client_token == sa.bindparam("token"))


def answered_since(
    session: Session, conversation_id: int, seen_message_id: int, *, by: int
) -> Answered | None:
    """The newest reply by somebody else that the author of a draft has not seen. History answers nothing, however late
    it is imported."""
    row = session.execute(
        sa.select(StaffMember.name, Message.at)
        .select_from(Message)
        .join(ChannelAccount, ChannelAccount.id == Message.account_id)
        .outerjoin(StaffMember, StaffMember.id == Message.staff_id)
        .where(
            Message.conversation_id == conversation_id,
            Message.id > seen_message_id,
            Message.arrived_at >= ChannelAccount.created_at,
            waiting.ENDS_A_WAIT,
            sa.or_(Message.staff_id.is_(None), Message.staff_id != by),
        )
        .order_by(Message.id.desc())
        .limit(1)
    ).first()
    return Answered(row[0] or "Somebody", row[1]) if row else None


def _same(message: Message, conversation_id: int, body: str) -> Message:
    """The row that this token made already; another text under it was typed later or in another tab."""
    if message.conversation_id != conversation_id:
        raise Refused("This draft belongs to another conversation. Nothing was sent.")
    if message.body != text.storable(body).strip():
        raise Refused(
            "An earlier text of this draft has been sent. This one was not: press Send again to send it too."
        )
    return message


def _sendable(session: Session, conversation: Conversation, body: str) -> str:
    body = text.storable(body).strip()
    channel = registry.kind(session.get_one(ChannelAccount, conversation.account_id).channel)
    if not body:
        raise Refused("Type a message first.")
    if reason := channel.why_unsendable((TextPart(body),)):
        raise Refused(reason)
    if reason := why_blocked(session, conversation, clock.now()):
        raise Refused(reason)
    return body


def _insert(
    session: Session,
    conversation: Conversation,
    body: str,
    now: datetime,
    *,
    by: int,
    token: str,
    override: bool,
) -> int | None:
    row = {
        "conversation_id": conversation.id, "account_id": conversation.account_id, "author": Author.STAFF, "staff_id": by,
        "body": body, "at": now, "arrived_at": now, "client_token": token, "override": override, "notice": "", "problem": "",
        "error_code": "", "attempts": 0, "settled": False, "delivery": Delivery.QUEUED, "next_attempt_at": now,
    }  # fmt: skip
    statement = (
        db.insert(session, Message).values(**row).on_conflict_do_nothing(index_elements=["client_token"])
    )
    number: int | None = session.execute(statement.returning(Message.id)).scalar_one_or_none()
    return number
