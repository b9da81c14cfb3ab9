"""What people of the clinic made of the messages: who wrote which reply, who has read what, what was decided.

Ingest stores messages as a provider lists them; what only the clinic knows is written here.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.channels.base import Author, Delivery
from genko.channels.events import Receipt
from genko.demo.script import Noted, Story, past
from genko.demo.telling import Told
from genko.leads import records as leads
from genko.leads import tags
from genko.leads.models import Lead
from genko.messages import assignees, conversations, receipts, roll_up, touches, unread
from genko.messages.models import Conversation, ConversationStatus, Identity, Message, Priority

Team = Mapping[str, int]  # staff ids by the key that the stories use


def settle(
    session: Session, account_id: int, stories: Sequence[Story], told: Sequence[Told], *, team: Team, now: datetime
) -> None:  # fmt: skip
    _sign(session, account_id, told, team, now)
    _fail(session, account_id, told)
    for story in stories:
        own = [one for one in told if one.phone == story.phone]
        _conclude(session, account_id, story, own, team=team, now=now)


def when(noted: Noted, now: datetime) -> datetime:
    return past(now, noted.days, noted.clock)


def _sign(session: Session, account_id: int, told: Sequence[Told], team: Team, now: datetime) -> None:
    """No verb writes replies into the past, so the columns that the outbox would have filled are filled here."""
    rows = session.execute(sa.select(Message.provider_id, Message.id).where(Message.account_id == account_id))
    ids = {str(sid): number for sid, number in rows}
    inbound = [{"id": ids[one.sid], "arrived_at": one.line.at} for one in told if not one.line.staff]
    session.execute(sa.update(Message), inbound)
    replied = [_reply(ids[one.sid], one, team, now) for one in told if one.line.staff]
    session.execute(sa.update(Message), replied)


def _reply(number: int, told: Told, team: Team, now: datetime) -> dict[str, Any]:
    at = told.line.at
    known = told.known_to_provider
    return {
        "id": number,
        "author": Author.STAFF,
        "staff_id": team[told.line.staff],
        "arrived_at": at,
        "claimed_at": at,  # marks it as ours to follow: its ticks go on when the patient's phone reads it
        "attempts": 1,
        "settled": False,
        "provider_id": told.sid if known else None,
        "delivery": _before_trouble(told),
        "error_code": "",
        "next_attempt_at": at if known else now,  # when the worker looks an unconfirmed one up
    }


def _before_trouble(told: Told) -> Delivery | None:
    return Delivery.SENT if told.line.error_code else told.line.delivery


def _fail(session: Session, account_id: int, told: Sequence[Told]) -> None:
    """By the provider's word, so that the cause is explained and counted as ever."""
    codes = [(one.sid, one.line.error_code) for one in told if one.line.error_code]
    failures = [Receipt(sid, Delivery.FAILED, error_code=code) for sid, code in codes]
    session.flush()
    receipts.apply_receipts(session, account_id, failures)


def _conclude(
    session: Session, account_id: int, story: Story, told: Sequence[Told], *, team: Team, now: datetime
) -> None:
    identity = session.scalars(
        sa.select(Identity).where(Identity.account_id == account_id, Identity.phone == story.phone)
    ).one()
    conversation = session.scalars(
        sa.select(Conversation).where(Conversation.identity_id == identity.id)
    ).one()
    by = team[story.assignee or next(_speakers(told), "M")]
    _name_lead(session, identity, story)
    _set(session, conversation, story, team, by)
    session.flush()
    roll_up.recompute_newest(session, conversation)
    roll_up.recompute_waiting(session, conversation)
    _see(session, conversation, story, told, team)
    for noted in story.touches:
        at, staff_id = when(noted, now), team[noted.staff]
        touches.log(session, conversation.id, noted.kind, at, noted.note, by=staff_id)


def _speakers(told: Sequence[Told]) -> Iterator[str]:
    """The latest first."""
    return (one.line.staff for one in reversed(told) if one.line.staff)


def _name_lead(session: Session, identity: Identity, story: Story) -> None:
    """What staff have typed about somebody whom the first message made a lead."""
    lead = session.get(Lead, identity.lead_id) if identity.lead_id else None
    typed = story.record
    if lead is None or typed is None or typed.stage is None:
        return
    lead.first_name, lead.last_name, lead.name_typed = typed.first_name, typed.last_name, True
    lead.email, lead.notes, lead.stage = typed.email or None, typed.notes, typed.stage
    lead.accepted_at = lead.created_at  # whoever names a lead has looked at it
    tags.put(session, lead.id, typed.tags)
    session.flush()
    leads.reindex(session, lead)
    roll_up.rename(session, [identity])


def _set(session: Session, conversation: Conversation, story: Story, team: Team, by: int) -> None:
    if story.status is not ConversationStatus.ACTIVE:
        conversations.set_status(session, conversation.id, story.status, by=by)
    if story.priority is not Priority.MEDIUM:
        conversations.set_priority(session, conversation.id, story.priority, by=by)
    if not story.ai:
        conversations.set_ai(session, conversation.id, enabled=False, by=by)
    if story.assignee:
        assignees.assign(session, conversation.id, team[story.assignee], by=by)


def _see(
    session: Session, conversation: Conversation, story: Story, told: Sequence[Told], team: Team
) -> None:
    """Everybody has read everything, but for what is unread: that only its assignee has seen."""
    unanswered = len(list(takewhile(lambda one: not one.line.staff, reversed(told))))
    unread_count = unanswered if story.unread else 0
    for key, staff_id in team.items():
        seen = conversation.inbound_count - (0 if key == story.assignee else unread_count)
        unread.see(session, conversation.id, seen, by=staff_id)
