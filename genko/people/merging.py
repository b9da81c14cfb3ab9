"""Two records of one person become one. `undo_merge.py` separates them again."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, roles
from genko.access.models import Role
from genko.errors import Refused
from genko.leads import lookup, pipeline
from genko.leads.filters import INDEX as LEADS_INDEX
from genko.leads.models import Lead, LeadStageChange
from genko.patients import records as patients
from genko.patients import search
from genko.patients.models import Patient
from genko.people import display_names, lead_history, locks, move_related, record_tags, snapshots
from genko.people.merge_choices import Choices, resolve
from genko.people.models import Merge, MergeKind
from genko.people.undo_merge import undo

__all__ = ["merge_lead_into_patient", "merge_leads", "merge_patients", "undo"]


def merge_leads(session: Session, winner_id: int, loser_id: int, choices: Choices, *, by: int) -> int:
    """The merge's id. Everything of the loser moves to the winner. Pressing the button twice makes one merge."""
    roles.require(session, by, Role.STAFF)
    return _merge(session, MergeKind.LEADS, winner_id, loser_id, choices, by)


def merge_lead_into_patient(
    session: Session, patient_id: int, lead_id: int, choices: Choices, *, by: int
) -> int:
    """The lead's stages are written into the patient's notes."""
    roles.require(session, by, Role.STAFF)
    return _merge(session, MergeKind.LEAD_INTO_PATIENT, patient_id, lead_id, choices, by)


def merge_patients(session: Session, winner_id: int, loser_id: int, choices: Choices, *, by: int) -> int:
    roles.require(session, by, Role.ADMIN)
    return _merge(session, MergeKind.PATIENTS, winner_id, loser_id, choices, by)


def _merge(
    session: Session, kind: MergeKind, winner_id: int, loser_id: int, choices: Choices, by: int
) -> int:
    locks.hold(session, **move_related.records(session, kind, winner_id, loser_id))
    if before := _done_already(session, kind, winner_id, loser_id):
        return before
    winner, loser = _both(session, kind, winner_id, loser_id)
    merge = Merge(
        kind=kind,
        winner_id=winner_id,
        loser_id=loser_id,
        loser=_whole(session, kind, loser),
        winner_before=snapshots.taken(session, winner),
        winner_after={},
        moved=move_related.move(session, kind, winner_id, loser_id),
        at=clock.now(),
        staff_id=by,
    )
    _fill(session, kind, winner, loser, choices)
    if isinstance(winner, Lead):
        merge.moved |= {move_related.STEP: _step(session, winner, by)}
    _remove(session, loser)
    merge.winner_after = snapshots.taken(session, winner)
    session.add(merge)
    session.flush()
    display_names.follow(session, winner)
    audit.record(
        session,
        f"{_noun(winner)}:merge",
        by=by,
        subject_kind=_noun(winner),
        subject_id=winner_id,
        detail=f"{_noun(loser)} {loser_id}",
    )
    return merge.id


def _done_already(session: Session, kind: MergeKind, winner_id: int, loser_id: int) -> int | None:
    return session.scalar(
        sa.select(sa.func.max(Merge.id)).where(
            Merge.kind == kind,
            Merge.winner_id == winner_id,
            Merge.loser_id == loser_id,
            Merge.undone_at.is_(None),
        )
    )


def _both(
    session: Session, kind: MergeKind, winner_id: int, loser_id: int
) -> tuple[Lead | Patient, Lead | Patient]:
    if kind is MergeKind.PATIENTS:
        winner: Lead | Patient = patients.get(session, winner_id)
        loser: Lead | Patient = patients.get(session, loser_id)
    else:
        loser = lookup.get(session, loser_id)
        winner = (lookup.get if kind is MergeKind.LEADS else patients.get)(session, winner_id)
    if winner is loser:
        raise Refused("Choose two different records.")
    if any(isinstance(record, Lead) and record.patient_id is not None for record in (winner, loser)):
        raise Refused("A converted lead belongs to its patient. Merge the patient instead.")
    return winner, loser


def _whole(session: Session, kind: MergeKind, loser: Lead | Patient) -> dict[str, Any]:
    whole = snapshots.taken(session, loser)
    if kind is MergeKind.LEAD_INTO_PATIENT:  # a patient has no stages, so the snapshot has them
        steps = session.scalars(
            sa.select(LeadStageChange).where(LeadStageChange.lead_id == loser.id).order_by(LeadStageChange.id)
        )
        whole[snapshots.STEPS] = [snapshots.columns(step) for step in steps]
    return whole


def _fill(
    session: Session, kind: MergeKind, winner: Lead | Patient, loser: Lead | Patient, choices: Choices
) -> None:
    notes = loser.notes
    if isinstance(winner, Patient) and isinstance(loser, Lead):
        notes = lead_history.joined(notes, lead_history.line(session, loser))
    for column, value in resolve(winner, loser, kind, choices, notes).items():
        setattr(winner, column, value)
    if isinstance(winner, Lead) and isinstance(loser, Lead):
        winner.created_at = min(winner.created_at, loser.created_at)
        winner.contacted_at = max(filter(None, (winner.contacted_at, loser.contacted_at)), default=None)
        winner.accepted_at = (
            winner.accepted_at or clock.now()
        )  # the person who merges a lead has looked at it
    winner.changed_at = clock.now()
    record_tags.add(session, winner, record_tags.of(session, loser))
    session.flush()


def _step(session: Session, winner: Lead, by: int) -> list[int]:
    """Adds a stage change if the two joined histories do not end in the chosen stage. Gives its id."""
    steps = sa.select(LeadStageChange.to_stage).where(LeadStageChange.lead_id == winner.id)
    newest = session.scalar(steps.order_by(LeadStageChange.id.desc()).limit(1))
    if newest in {None, winner.stage}:
        return []
    return pipeline.note_steps(session, {winner.id: newest}, winner.stage, by=by, reason=winner.lost_reason)


def _remove(session: Session, loser: Lead | Patient) -> None:
    index = LEADS_INDEX if isinstance(loser, Lead) else search.INDEX
    index.remove(session, loser.id)
    session.delete(loser)
    session.flush()


def _noun(record: Lead | Patient) -> str:
    return "lead" if isinstance(record, Lead) else "patient"
