"""A lead by its id."""

from sqlalchemy.orm import Session

from genko.errors import NotFound
from genko.leads.models import Lead

GONE = "This lead does not exist any more."


def get(session: Session, lead_id: int, *, lock: bool = False) -> Lead:
    lead = session.get(Lead, lead_id, with_for_update=True if lock else None)
    if lead is None:
        raise NotFound(GONE)
    return lead
