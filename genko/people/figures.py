"""Figures of a period: messages by day and author, time to first reply, and how far new leads came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median, quantiles
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.channels.base import Author
from genko.leads.models import Lead, LeadSource, LeadStage, LeadStageChange
from genko.messages.models import Answer, Message

_LADDER = [LeadStage.LEAD, LeadStage.PROSPECT, LeadStage.QUALIFIED, LeadStage.CONVERTED]


@dataclass(frozen=True)
class Day:
    day: date
    by_author: dict[Author, int]


@dataclass(frozen=True)
class ReplyTimes:
    """`ninety`: nine of ten replies were quicker. None where nobody was answered."""

    answers: int
    median: timedelta | None
    ninety: timedelta | None


@dataclass(frozen=True)
class Figures:
    days: list[Day]
    replies: ReplyTimes
    reached: dict[LeadStage, int]  # how many of the period's new leads got at least to this stage
    lost: int
    sources: dict[LeadSource, int]


def find_figures(session: Session, *, first: date, last: date, zone: ZoneInfo) -> Figures:
    """From `first` to `last`, both included. Days begin at midnight in the clinic's time zone."""
    since, until = _start(first, zone), _start(last + timedelta(days=1), zone)
    came = Lead.created_at >= since, Lead.created_at < until
    sources = sa.select(Lead.source, sa.func.count()).where(*came).group_by(Lead.source)
    return Figures(
        days=_days(session, first, last, zone),
        replies=_replies(session, since, until),
        reached={stage: _reached(session, came, place) for place, stage in enumerate(_LADDER)},
        lost=session.scalar(sa.select(sa.func.count()).where(*came, Lead.stage == LeadStage.LOST)) or 0,
        sources={source: count for source, count in session.execute(sources)},
    )


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _days(session: Session, first: date, last: date, zone: ZoneInfo) -> list[Day]:
    """One query for each day: days last 23 to 25 hours, and the database does not know the clinic's time zone."""
    days = []
    counts = sa.select(Message.author, sa.func.count()).group_by(Message.author)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        since, until = _start(day, zone), _start(day + timedelta(days=1), zone)
        rows = session.execute(counts.where(Message.at >= since, Message.at < until))
        days.append(Day(day, {author: count for author, count in rows}))
    return days


def _replies(session: Session, since: datetime, until: datetime) -> ReplyTimes:
    rows = session.execute(
        sa.select(Answer.asked_at, Answer.answered_at).where(
            Answer.answered_at >= since, Answer.answered_at < until
        )
    )
    waits = [max(0.0, (answered - asked).total_seconds()) for asked, answered in rows]
    if not waits:
        return ReplyTimes(0, None, None)
    ninety = quantiles(waits, n=10, method="inclusive")[-1] if len(waits) > 1 else waits[0]
    return ReplyTimes(len(waits), timedelta(seconds=median(waits)), timedelta(seconds=ninety))


def _reached(session: Session, came: Sequence[sa.ColumnElement[bool]], place: int) -> int:
    """Whatever became of the leads later: a lost lead counts for every stage that it once reached."""
    rows = sa.select(sa.func.count(Lead.id)).where(*came)
    if place:
        at_least = _LADDER[place:]
        was_there = sa.exists().where(
            LeadStageChange.lead_id == Lead.id,
            sa.or_(LeadStageChange.to_stage.in_(at_least), LeadStageChange.from_stage.in_(at_least)),
        )
        rows = rows.where(sa.or_(Lead.stage.in_(at_least), was_there))
    return session.scalar(rows) or 0
