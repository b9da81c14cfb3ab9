"""What the thread draws, for the page's script and for the route by which the thread keeps up to date."""

import hashlib
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from genko.access.clinic import get_clinic
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.db import Session
from genko.messages.conversation_head import ConversationHead
from genko.messages.open_conversation import OpenConversation, read_conversation
from genko.messages.thread import PAGE
from pages.parts.messages.bubbles import bubble

MOST_MESSAGES = 2000


def read_thread(
    session: Session, conversation_id: int, visitor: SignedIn, *, at: datetime, messages: int = PAGE
) -> dict[str, Any]:
    clinic = get_clinic(session)
    opened = read_conversation(
        session, conversation_id, by=visitor.staff_id, at=at, region=clinic.region, messages=messages
    )
    return thread_payload(opened, visitor.role, at, ZoneInfo(clinic.time_zone), limit=messages)


def thread_payload(
    opened: OpenConversation, role: Role, at: datetime, zone: ZoneInfo, *, limit: int
) -> dict[str, Any]:
    """`limit` is how many messages were asked for."""
    head, can_act = opened.head, role is not Role.VIEWER
    bubbles = [
        bubble(
            message,
            head.name,
            at,
            zone,
            channel_label=head.channel_label,
            can_act=can_act,
            blocked=bool(head.blocked),
        )
        for message in opened.messages.messages
    ]
    can_write = can_act and not head.blocked
    return {
        "conversation": head.id,
        "patient_name": head.name,
        "bubbles": [asdict(one) for one in bubbles],
        "nothing": f"No messages yet.{' Write the first one below.' if can_write else ''}",
        "limit": limit,
        "earlier": opened.messages.earlier,
        "inbound_count": head.inbound_count,
        "unread": head.unread,
        "newest_id": opened.messages.newest_id,
        "window_closes_at": head.window_closes_at.isoformat() if head.window_closes_at else None,
        "head_mark": head_mark(opened, role),
        "topics": _topics(head),
    }


def _topics(head: ConversationHead) -> list[str]:
    """The changes that may show in the thread or in the head over it."""
    people = {"lead": head.lead_id, "patient": head.patient_id}
    named = [f"{kind}:{person_id}" for kind, person_id in people.items() if person_id]
    return [f"conversation:{head.id}", *named, "settings", "minute"]


def head_mark(opened: OpenConversation, role: Role) -> str:
    """Differs when Streamlit has to draw the head or the composer anew; new messages alone do not need that."""
    head = opened.head
    drawn = (
        head.name, head.first_name, head.phone, head.patient_id, head.lead_id, head.lead_stage, head.new_sender,
        head.channel_label, head.account, head.status, head.priority, head.ai_enabled, head.assignee_id,
        head.blocked, bool(head.inbound_count), opened.assignees, opened.saved_replies, role,
        opened.draft.token if opened.draft else None,
    )  # fmt: skip
    return hashlib.blake2b(repr(drawn).encode(), digest_size=8).hexdigest()
