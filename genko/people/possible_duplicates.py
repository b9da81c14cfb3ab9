"""Who may be the person whose lead is about to be saved, by records and by who writes to us."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.leads import duplicates
from genko.leads.duplicates import Duplicate
from genko.leads.models import Lead
from genko.leads.records import LeadFields
from genko.messages.models import Identity
from genko.patients.models import Patient


def find_doubles(
    session: Session, fields: LeadFields, region: str, lead_id: int | None = None
) -> list[Duplicate]:
    """The surest first. Fields as typed."""
    writers = _writers(session, duplicates.spellings(fields.phone_number, region))
    return duplicates.find_duplicates(session, fields, region, lead_id, writers)


def _writers(session: Session, numbers: list[str]) -> list[Lead | Patient]:
    """Whose address has this phone, whatever their record says."""
    theirs = sa.select(Identity).where(Identity.phone.in_(numbers)).order_by(Identity.id)
    found = [_person(session, one) for one in session.scalars(theirs)] if numbers else []
    return [one for one in found if one]


def _person(session: Session, identity: Identity) -> Lead | Patient | None:
    if identity.patient_id:
        return session.get(Patient, identity.patient_id)
    return session.get(Lead, identity.lead_id) if identity.lead_id else None
