"""How the clinic has done in a period: messages, time to first reply, leads."""

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
    """`median` and `ninety` (90 % were quicker) are None where nobody was answered."""

    answers: int
    median: timedelta | None
    ninety: timedelta | None


@dataclass(frozen=True)
class Figures:
    days: list[Day]
    replies: ReplyTimes
    reached: dict[LeadStage, int]  # of the leads that came in the period: how many got at least so far
    lost: int
    sources: dict[LeadSource, int]


def find_figures(session: Session, *, first: date, last: date, zone: ZoneInfo) -> Figures:
    """Days are the clinic's; both ends are counted."""
    since, until = _start(first, zone), _start(last + timedelta(days=1), zone)
    came = Lead.created_at >= since, Lead.created_at < until
    sources = sa.select(Lead.source, sa.func.count()).where(*came).group_by(Lead.source)
    return Figures(
        days=_days(session, first, last, zone),
        replies=_replies(session, since, until),
        reached={stage: _reached(session, came, place) for place, stage in enumerate(_LADDER)},
        lost=session.scalar(sa.select(sa.func.count()).where(*came, Lead.stage == LeadStage.LOST)) or 0,
        sources={source: number for source, number in session.execute(sources)},
    )


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _days(session: Session, first: date, last: date, zone: ZoneInfo) -> list[Day]:
    """One look a day into the index: days are of 23 to 25 hours, and no database knows the clinic's zone."""
    found = []
    counts = sa.select(Message.author, sa.func.count()).group_by(Message.author)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        since, until = _start(day, zone), _start(day + timedelta(days=1), zone)
        rows = session.execute(counts.where(Message.at >= since, Message.at < until))
        found.append(Day(day, {author: number for author, number in rows}))
    return found


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
    """Whatever became of them later: a lost lead counts as far as it once was."""
    rows = sa.select(sa.func.count(Lead.id)).where(*came)
    if place:
        at_least = _LADDER[place:]
        was_there = sa.exists().where(
            LeadStageChange.lead_id == Lead.id,
            sa.or_(LeadStageChange.to_stage.in_(at_least), LeadStageChange.from_stage.in_(at_least)),
        )
        rows = rows.where(sa.or_(Lead.stage.in_(at_least), was_there))
    return session.scalar(rows) or 0
