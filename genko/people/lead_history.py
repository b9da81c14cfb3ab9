"""One line about a lead's past, for the notes of the patient that it becomes."""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.access.clinic import get_clinic
from genko.leads import sources
from genko.leads.models import Lead, LeadStage, LeadStageChange


def line(session: Session, lead: Lead) -> str:
    """Where the lead came from, since when, and its stages."""
    zone = ZoneInfo(get_clinic(session).time_zone)
    rows = session.execute(
        sa.select(LeadStageChange.from_stage, LeadStageChange.to_stage, LeadStageChange.at)
        .where(LeadStageChange.lead_id == lead.id)
        .order_by(LeadStageChange.id)
    ).all()
    first: LeadStage = rows[0][0] if rows else lead.stage
    stages = [first.capitalize(), *(f"{to.capitalize()} ({date(at, zone)})" for _, to, at in rows)]
    return f"Lead from {sources.WORDS[lead.source].phrase} since {date(lead.created_at, zone)}: {', '.join(stages)}."


def date(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def joined(*notes: str) -> str:
    return "\n".join(dict.fromkeys(note for note in notes if note))
