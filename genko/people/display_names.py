"""A changed name or phone follows into the person's conversations and into the search."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db
from genko.leads import records
from genko.leads.models import Lead
from genko.messages import roll_up
from genko.messages.models import Identity
from genko.patients import search
from genko.patients.models import Patient


def follow_patient(session: Session, patient_id: int) -> None:
    """To be called in the transaction that changes a patient's name."""
    rename(session, session.scalars(sa.select(Identity).where(Identity.patient_id == patient_id)))


def follow_lead(session: Session, lead_id: int) -> None:
    """To be called in the transaction that changes a lead's name."""
    rename(session, session.scalars(sa.select(Identity).where(Identity.lead_id == lead_id)))


def follow(session: Session, person: Lead | Patient) -> None:
    """Into the conversations and the search."""
    if isinstance(person, Patient):
        follow_patient(session, person.id)
        search.index(session, person)
    else:
        follow_lead(session, person.id)
        records.reindex(session, person)


def rename(session: Session, identities: Iterable[Identity]) -> None:
    for part in db.in_batches(identities):
        roll_up.rename(session, part)
