"""Locks leads and patients for a change that depends on them.

Conversations are locked first, then leads, then patients, each in the order of their ids. `take_in` locks in the same
order, so that two transactions wait for each other and do not deadlock. A deadlock is possible only with a conversation
that is linked at this very moment; then `Database.attempt` and the worker's next round try again.
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
    """The records that exist, in the order of their ids."""

    leads: list[Lead]
    patients: list[Patient]


def hold(
    session: Session,
    *,
    leads: Collection[int] = (),
    patients: Collection[int] = (),
    identities: Collection[int] = (),
) -> Held:
    """These people with all their conversations, and the conversations of `identities`."""
    session.flush()
    owners = (Identity.lead_id, leads), (Identity.patient_id, patients), (Identity.id, identities)
    _hold_conversations(session, owners)
    return Held(_held(session, Lead, leads), _held(session, Patient, patients))


_Column = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]


def _hold_conversations(session: Session, owners: Iterable[tuple[_Column, Collection[int]]]) -> None:
    """Reads the ids first, so that all are locked in one order, in however many statements."""
    ids_of = sa.select(Conversation.id).join(Identity, Identity.id == Conversation.identity_id)
    conversation_ids = {
        conversation_id
        for column, ids in owners
        for batch in db.in_batches(ids)
        for conversation_id in session.scalars(ids_of.where(column.in_(batch)))
    }
    locked = sa.select(Conversation.id).order_by(Conversation.id).with_for_update(key_share=True)
    for batch in db.in_batches(sorted(conversation_ids)):
        session.execute(locked.where(Conversation.id.in_(batch))).all()


_Kind = TypeVar("_Kind", Lead, Patient)


def _held(session: Session, kind: type[_Kind], ids: Collection[int]) -> list[_Kind]:
    locked = sa.select(kind).order_by(kind.id).with_for_update().execution_options(populate_existing=True)
    batches = db.in_batches(sorted(set(ids)))
    return [record for batch in batches for record in session.scalars(locked.where(kind.id.in_(batch)))]


def identities_of_lead(session: Session, lead_id: int) -> list[Identity]:
    chosen = sa.select(Identity).where(Identity.lead_id == lead_id).order_by(Identity.id)
    return list(session.scalars(chosen.execution_options(populate_existing=True)))
