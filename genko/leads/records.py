"""Leads' records."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import NotFound
from genko.leads.models import Lead, LeadSource, LeadStage


@dataclass(frozen=True)
class LeadRecord:
    id: int
    first_name: str
    last_name: str
    phone: str | None
    email: str | None
    stage: LeadStage
    source: LeadSource
    notes: str
    created_at: datetime

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def add_lead(
    session: Session,
    *,
    by: int,
    first_name: str,
    last_name: str,
    phone_number: str | None,
    source: LeadSource,
) -> int:
    """`phone_number` is E.164."""
    roles.require(session, by, Role.STAFF)
    first_name, last_name = first_name.strip(), last_name.strip()
    now = clock.now()
    lead = Lead(
        first_name=first_name,
        last_name=last_name,
        name_typed=bool(first_name or last_name),
        phone=phone_number,
        source=source,
        created_at=now,
        stage_changed_at=now,
        uncontacted_since=now,
        accepted_at=now,
        changed_at=now,
    )
    session.add(lead)
    session.flush()
    audit.record(session, "lead:add", by=by, subject_kind="lead", subject_id=lead.id)
    return lead.id


def get_lead(session: Session, lead_id: int) -> LeadRecord:
    lead = session.get(Lead, lead_id)
    if lead is None:
        raise NotFound("This lead does not exist.")
    return _record(lead)


def find_leads(session: Session, limit: int = 500) -> list[LeadRecord]:
    """Newest first, for picking one."""
    return [_record(row) for row in session.scalars(sa.select(Lead).order_by(Lead.id.desc()).limit(limit))]


def _record(lead: Lead) -> LeadRecord:
    return LeadRecord(
        lead.id,
        lead.first_name,
        lead.last_name,
        lead.phone,
        lead.email,
        lead.stage,
        lead.source,
        lead.notes,
        lead.created_at,
    )
