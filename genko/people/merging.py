"""Two records of one person become one, and can be told apart again."""

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


def merge_leads(session: Session, kept_id: int, gone_id: int, choices: Choices, *, by: int) -> int:
    """The merge's id. Everything of `gone_id` moves to `kept_id`; pressed twice it is one merge."""
    roles.require(session, by, Role.STAFF)
    return _merge(session, MergeKind.LEADS, kept_id, gone_id, choices, by)


def merge_lead_into_patient(
    session: Session, patient_id: int, lead_id: int, choices: Choices, *, by: int
) -> int:
    """The lead's stages are told in the patient's notes."""
    roles.require(session, by, Role.STAFF)
    return _merge(session, MergeKind.LEAD_INTO_PATIENT, patient_id, lead_id, choices, by)


def merge_patients(session: Session, kept_id: int, gone_id: int, choices: Choices, *, by: int) -> int:
    roles.require(session, by, Role.ADMIN)
    return _merge(session, MergeKind.PATIENTS, kept_id, gone_id, choices, by)


def _merge(session: Session, kind: MergeKind, kept_id: int, gone_id: int, choices: Choices, by: int) -> int:
    locks.hold(session, **move_related.records(session, kind, kept_id, gone_id))
    if before := _done_already(session, kind, kept_id, gone_id):
        return before
    kept, gone = _both(session, kind, kept_id, gone_id)
    merge = Merge(
        kind=kind,
        kept_id=kept_id,
        gone_id=gone_id,
        gone=_whole(session, kind, gone),
        kept_before=snapshots.taken(session, kept),
        kept_after={},
        moved=move_related.move(session, kind, kept_id, gone_id),
        at=clock.now(),
        staff_id=by,
    )
    _fill(session, kind, kept, gone, choices)
    if isinstance(kept, Lead):
        merge.moved |= {move_related.STEP: _step(session, kept, by)}
    _remove(session, gone)
    merge.kept_after = snapshots.taken(session, kept)
    session.add(merge)
    session.flush()
    display_names.follow(session, kept)
    audit.record(
        session,
        f"{_noun(kept)}:merge",
        by=by,
        subject_kind=_noun(kept),
        subject_id=kept_id,
        detail=f"{_noun(gone)} {gone_id}",
    )
    return merge.id


def _done_already(session: Session, kind: MergeKind, kept_id: int, gone_id: int) -> int | None:
    return session.scalar(
        sa.select(sa.func.max(Merge.id)).where(
            Merge.kind == kind, Merge.kept_id == kept_id, Merge.gone_id == gone_id, Merge.undone_at.is_(None)
        )
    )


def _both(
    session: Session, kind: MergeKind, kept_id: int, gone_id: int
) -> tuple[Lead | Patient, Lead | Patient]:
    if kind is MergeKind.PATIENTS:
        kept: Lead | Patient = patients.get(session, kept_id)
        gone: Lead | Patient = patients.get(session, gone_id)
    else:
        gone = lookup.get(session, gone_id)
        kept = (lookup.get if kind is MergeKind.LEADS else patients.get)(session, kept_id)
    if kept is gone:
        raise Refused("Choose two different records.")
    if any(isinstance(one, Lead) and one.patient_id is not None for one in (kept, gone)):
        raise Refused("A converted lead belongs to its patient. Merge the patient instead.")
    return kept, gone


def _whole(session: Session, kind: MergeKind, gone: Lead | Patient) -> dict[str, Any]:
    whole = snapshots.taken(session, gone)
    if kind is MergeKind.LEAD_INTO_PATIENT:  # a patient has no stages to keep them
        steps = session.scalars(
            sa.select(LeadStageChange).where(LeadStageChange.lead_id == gone.id).order_by(LeadStageChange.id)
        )
        whole[snapshots.STEPS] = [snapshots.columns(one) for one in steps]
    return whole


def _fill(
    session: Session, kind: MergeKind, kept: Lead | Patient, gone: Lead | Patient, choices: Choices
) -> None:
    notes = gone.notes
    if isinstance(kept, Patient) and isinstance(gone, Lead):
        notes = lead_history.joined(notes, lead_history.line(session, gone))
    for column, value in resolve(kept, gone, kind, choices, notes).items():
        setattr(kept, column, value)
    if isinstance(kept, Lead) and isinstance(gone, Lead):
        kept.created_at = min(kept.created_at, gone.created_at)
        kept.contacted_at = max(filter(None, (kept.contacted_at, gone.contacted_at)), default=None)
        kept.accepted_at = kept.accepted_at or clock.now()  # whoever merges it has looked at it
    kept.changed_at = clock.now()
    record_tags.add(session, kept, record_tags.of(session, gone))
    session.flush()


def _step(session: Session, kept: Lead, by: int) -> list[int]:
    """The id of the step that makes both histories together end in the stage that was chosen, if one is needed."""
    steps = sa.select(LeadStageChange.to_stage).where(LeadStageChange.lead_id == kept.id)
    newest = session.scalar(steps.order_by(LeadStageChange.id.desc()).limit(1))
    if newest in {None, kept.stage}:
        return []
    return pipeline.note_steps(session, {kept.id: newest}, kept.stage, by=by, reason=kept.lost_reason)


def _remove(session: Session, gone: Lead | Patient) -> None:
    index = LEADS_INDEX if isinstance(gone, Lead) else search.INDEX
    index.remove(session, gone.id)
    session.delete(gone)
    session.flush()


def _noun(record: Lead | Patient) -> str:
    return "lead" if isinstance(record, Lead) else "patient"
