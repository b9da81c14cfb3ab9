"""What has changed lately, by topic: how open screens notice that they are out of date."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.access.models import AuditEntry
from genko.channels.models import ChannelAccount
from genko.db import UtcDateTime
from genko.leads.models import Lead
from genko.messages.models import Conversation, Unprocessed
from genko.worker_leases import Heartbeat

EVERYTHING = "everything"
CONVERSATIONS, LEADS, PATIENTS, SETTINGS = "conversations", "leads", "patients", "settings"
WORKER = "worker"

# Not the newest row only, because a transaction that began earlier may commit later.
_LATEST = 40  # rows of each table
_VIEWS = {"view", "file:view"}  # audit entries of somebody who only looked


class Mark(NamedTuple):
    """A row that differs as soon as what it stands for has changed."""

    kind: str
    id: int
    at: datetime | None
    words: str
    subject_id: int | None


def read_marks(session: Session) -> frozenset[Mark]:
    return frozenset(Mark._make(row) for row in session.execute(_MARKS))


def topics_of(before: frozenset[Mark], after: frozenset[Mark]) -> set[str]:
    """The topics of what differs, such as `conversations` and `conversation:12`."""
    fresh = after - before
    if any(sum(mark.kind == kind for mark in fresh) >= _LATEST for kind in _LIMITED):
        return {EVERYTHING}  # more may have changed than was read
    topics = {topic for mark in fresh for topic in _topics(mark)}
    return topics | {SETTINGS for mark in before - after if mark.kind == "account"}


def _topics(mark: Mark) -> set[str]:
    if mark.kind == "conversation":
        return {CONVERSATIONS, f"conversation:{mark.id}"}
    if mark.kind == "lead":
        return {LEADS, f"lead:{mark.id}"}
    if mark.kind in {"account", "unprocessed"}:
        return {SETTINGS}
    if mark.kind == "audit":
        return _audited(mark)
    return {WORKER}


def _audited(mark: Mark) -> set[str]:
    """What staff do is in the audit; changes that have no time of their own are noticed by it."""
    subject_kind, _, action = mark.words.partition(" ")
    subject_id = mark.subject_id
    if action in _VIEWS or subject_kind in {"", "session", "file"}:
        return set()
    if subject_kind == "patient":
        return {PATIENTS, CONVERSATIONS, f"patient:{subject_id}"}
    if subject_kind == "lead":
        return {LEADS, PATIENTS, f"lead:{subject_id}"}
    if subject_kind == "conversation":
        return {PATIENTS, f"conversation:{subject_id}"}
    return {SETTINGS}


def _mark(
    kind: str,
    id_: Any,
    *,
    at: Any = None,
    words: Any = "",
    subject_id: Any = None,
) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        sa.literal(kind).label("kind"),
        sa.cast(id_, sa.BigInteger).label("id"),
        (sa.cast(sa.null(), UtcDateTime()) if at is None else at).label("at"),
        sa.cast(words, sa.Text).label("words"),
        sa.cast(subject_id, sa.BigInteger).label("subject_id"),
    )


_LIMITED = ("conversation", "lead", "audit")
_MARKS = sa.union_all(
    *(
        sa.select(latest.limit(_LATEST).subquery())
        for latest in (
            _mark("conversation", Conversation.id, at=Conversation.changed_at).order_by(
                Conversation.changed_at.desc(), Conversation.id.desc()
            ),
            _mark("lead", Lead.id, at=Lead.changed_at).order_by(Lead.changed_at.desc(), Lead.id.desc()),
            _mark(
                "audit",
                AuditEntry.id,
                words=AuditEntry.subject_kind + " " + AuditEntry.action,
                subject_id=AuditEntry.subject_id,
            ).order_by(AuditEntry.id.desc()),
        )
    ),
    _mark(
        "account",
        ChannelAccount.id,
        at=ChannelAccount.removed_at,
        words=sa.cast(ChannelAccount.health, sa.Text)
        + ChannelAccount.last_error
        + ChannelAccount.send_error
        + ChannelAccount.label,
    ),
    _mark("unprocessed", sa.func.max(Unprocessed.id), at=sa.func.max(Unprocessed.processed_at)),
    _mark("worker", 0, at=Heartbeat.at, words=Heartbeat.last_error),
)
