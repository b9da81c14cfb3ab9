"""Holding leads and patients while something is done that depends on what they are.

Conversations are locked first, then leads, then patients, each in the order of their ids: ingest, too, holds the
conversation before it writes to the person, so that nobody blocks anybody. Only who meets a conversation that was linked
in this very moment may: `Database.attempt` and the next look of the worker try again.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from genko import db
from genko.leads.models import Lead
from genko.messages.models import Conversation, Identity
from genko.patients.models import Patient


@dataclass(frozen=True)
class Held:
    """Those who are there, in the order of their ids."""

    leads: list[Lead]
    patients: list[Patient]


def hold(
    session: Session,
    *,
    leads: Collection[int] = (),
    patients: Collection[int] = (),
    identities: Collection[int] = (),
) -> Held:
    """These people with all their conversations, and the conversations of `identities`; any number of them."""
    session.flush()
    theirs = (Identity.lead_id, leads), (Identity.patient_id, patients), (Identity.id, identities)
    _hold_conversations(session, theirs)
    return Held(_held(session, Lead, leads), _held(session, Patient, patients))


_Column = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]


def _hold_conversations(session: Session, theirs: Iterable[tuple[_Column, Collection[int]]]) -> None:
    """The ids first, so that all are locked in one order however many statements it takes."""
    asked = sa.select(Conversation.id).join(Identity, Identity.id == Conversation.identity_id)
    found = {
        number
        for column, ids in theirs
        for part in db.in_batches(ids)
        for number in session.scalars(asked.where(column.in_(part)))
    }
    locked = sa.select(Conversation.id).order_by(Conversation.id).with_for_update(key_share=True)
    for part in db.in_batches(sorted(found)):
        session.execute(locked.where(Conversation.id.in_(part))).all()


_Kind = TypeVar("_Kind", Lead, Patient)


def _held(session: Session, kind: type[_Kind], ids: Collection[int]) -> list[_Kind]:
    locked = sa.select(kind).order_by(kind.id).with_for_update().execution_options(populate_existing=True)
    parts = db.in_batches(sorted(set(ids)))
    return [one for part in parts for one in session.scalars(locked.where(kind.id.in_(part)))]


def identities_of_lead(session: Session, lead_id: int) -> list[Identity]:
    chosen = sa.select(Identity).where(Identity.lead_id == lead_id).order_by(Identity.id)
    return list(session.scalars(chosen.execution_options(populate_existing=True)))
