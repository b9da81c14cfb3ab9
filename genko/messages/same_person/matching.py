"""To whom a phone number belongs that has just written to us, or that staff want to write to."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.leads.models import Lead
from genko.messages.models import Identity
from genko.messages.same_person.keys import matches, spellings
from genko.patients.models import Patient


@dataclass(frozen=True)
class Owner:
    """A patient or a lead; both where the lead has become the patient, neither where nobody is known."""

    patient_id: int | None = None
    lead_id: int | None = None

    @property
    def is_known(self) -> bool:
        return self.patient_id is not None or self.lead_id is not None


def hold_owners(session: Session, phones: Iterable[str | None]) -> dict[str | None, Owner]:
    """By phone. Nobody converts, merges or deletes these people until the transaction ends."""
    known_as = {phone: spellings(phone) for phone in phones}
    all_spellings = {spelling for each in known_as.values() for spelling in each}
    if not all_spellings:
        return dict.fromkeys(known_as, Owner())
    # Leads are locked first: if one of them becomes a patient at this moment, the patient is found afterwards.
    leads = _hold(session, Lead, all_spellings)
    patients = _hold(session, Patient, all_spellings)
    converted = _patients_of(session, leads.values())
    owners: dict[str | None, Owner] = {}
    for phone, each in known_as.items():
        patient_id, lead_id = _oldest(patients, each), _oldest(leads, each)
        if patient_id is not None:
            owners[phone] = Owner(patient_id)
        elif lead_id is not None:
            owners[phone] = Owner(converted[lead_id], lead_id)
        else:
            owners[phone] = Owner()
    return owners


def group_by_phone(identities: Sequence[Identity]) -> list[list[Identity]]:
    """Addresses of one phone are one person, also where two spellings of it write at the same moment."""
    groups: list[list[Identity]] = []
    by_spelling: dict[str, list[Identity]] = {}
    for identity in identities:
        each = spellings(identity.phone)
        group = next((by_spelling[spelling] for spelling in each if spelling in by_spelling), None)
        if group is None:
            group = []
            groups.append(group)
        group.append(identity)
        by_spelling |= dict.fromkeys(each, group)
    return groups


def _hold(session: Session, kind: type[Patient | Lead], all_spellings: Collection[str]) -> dict[str, int]:
    """Ids by phone. The rows come newest first, so that the oldest record of a phone is the one that stays."""
    rows = session.execute(
        sa.select(kind.phone, kind.id)
        .where(matches(all_spellings, kind.phone))
        .order_by(kind.id.desc())
        .with_for_update(read=True, key_share=True)
    )
    return {str(phone): record_id for phone, record_id in rows}


def _oldest(ids_by_phone: dict[str, int], each: Sequence[str]) -> int | None:
    return min((ids_by_phone[spelling] for spelling in each if spelling in ids_by_phone), default=None)


def _patients_of(session: Session, lead_ids: Collection[int]) -> dict[int, int | None]:
    rows = session.execute(sa.select(Lead.id, Lead.patient_id).where(Lead.id.in_(lead_ids)))
    return {lead_id: patient_id for lead_id, patient_id in rows}
