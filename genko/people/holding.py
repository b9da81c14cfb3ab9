"""Holding leads and patients while something is done that depends on what they are.

Conversations are locked first, then leads, then patients, each in the order of their ids: ingest, too, holds the
conversation before it writes to the person, so that nobody blocks anybody.
"""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.errors import NotFound
from genko.leads.models import Lead
from genko.messages.models import Conversation, Identity
from genko.patients.models import Patient
from genko.patients.records import GONE as PATIENT_GONE

LEAD_GONE = "This lead does not exist any more."


def hold(
    session: Session,
    *,
    leads: Collection[int] = (),
    patients: Collection[int] = (),
    identities: Collection[int] = (),
) -> None:
    """These people with all their conversations, and the conversations of `identities`.

    Get them from the session afterwards; those that are gone are no obstacle.
    """
    session.flush()
    _hold_conversations(
        session,
        sa.or_(Identity.lead_id.in_(leads), Identity.patient_id.in_(patients), Identity.id.in_(identities)),
    )
    for kind, ids in ((Lead, leads), (Patient, patients)):
        chosen = sa.select(kind).where(kind.id.in_(ids)).order_by(kind.id).with_for_update()
        session.scalars(chosen.execution_options(populate_existing=True)).all()


def _hold_conversations(session: Session, theirs: sa.ColumnElement[bool]) -> None:
    session.execute(
        sa.select(Conversation.id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(theirs)
        .order_by(Conversation.id)
        .with_for_update(of=Conversation, key_share=True)
    ).all()


def lead_of(session: Session, lead_id: int) -> Lead:
    lead = session.get(Lead, lead_id)
    if lead is None:
        raise NotFound(LEAD_GONE)
    return lead


def patient_of(session: Session, patient_id: int) -> Patient:
    patient = session.get(Patient, patient_id)
    if patient is None:
        raise NotFound(PATIENT_GONE)
    return patient


def identities_of_lead(session: Session, lead_id: int) -> list[Identity]:
    chosen = sa.select(Identity).where(Identity.lead_id == lead_id).order_by(Identity.id)
    return list(session.scalars(chosen.execution_options(populate_existing=True)))
