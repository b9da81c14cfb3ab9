"""Leads, made by plain functions."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from genko import clock, search
from genko.leads import filters, pipeline
from genko.leads.models import Lead, LeadSource, LeadStage, LeadStageChange, LeadTag
from tests.factories import Clinic


def add_lead(clinic: Clinic, *, tags: Iterable[str] = (), days_old: float = 1, **given) -> int:
    """An accepted lead by the name of Ana Díaz, unless told otherwise."""
    at = clock.now() - timedelta(days=days_old)
    values = {
        "first_name": "Ana", "last_name": "Díaz", "phone": "+4915112345678", "source": LeadSource.WHATSAPP, "created_at": at,
        "stage_changed_at": at, "changed_at": at, "accepted_at": at,
    } | given  # fmt: skip
    with clinic.database.transaction() as session:
        lead = Lead(**values)
        session.add(lead)
        session.flush()
        session.add_all([LeadTag(lead_id=lead.id, name=name) for name in tags])
        filters.INDEX.add(session, [(lead.id, search.person_words(lead.name, lead.phone, lead.email))])
        return lead.id


def convert(clinic: Clinic, lead_id: int, at: datetime) -> None:
    """As if the lead had been converted by Ada."""
    with clinic.database.transaction() as session:
        session.execute(
            sa.update(Lead)
            .where(Lead.id == lead_id)
            .values(stage=LeadStage.CONVERTED, converted_at=at, converted_by=clinic.ada)
        )


def move(clinic: Clinic, lead_id: int, to: LeadStage, *, by: int | None = None, **more) -> None:
    with clinic.database.transaction() as session:
        pipeline.move(session, lead_id, to, by=by or clinic.maria, **more)


def lead(clinic: Clinic, lead_id: int) -> Lead:
    with clinic.database.reading() as session:
        return session.get_one(Lead, lead_id)


def changes(clinic: Clinic, lead_id: int) -> list[LeadStageChange]:
    with clinic.database.reading() as session:
        asked = sa.select(LeadStageChange).where(LeadStageChange.lead_id == lead_id)
        return list(session.scalars(asked.order_by(LeadStageChange.id)))
