"""Tags of a lead or a patient, whichever the record is."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from genko.leads.models import Lead
from genko.leads.tags import LEADS
from genko.patients.models import Patient
from genko.patients.tags import PATIENTS, Tags

_TAGS: dict[type, Tags] = {Lead: LEADS, Patient: PATIENTS}


def of(session: Session, owner: Lead | Patient) -> list[str]:
    return _TAGS[type(owner)].of(session, [owner.id]).get(owner.id, [])


def add(session: Session, owner: Lead | Patient, names: Iterable[str]) -> None:
    _TAGS[type(owner)].attach(session, [(owner.id, name) for name in names])


def remove(session: Session, owner: Lead | Patient, names: Iterable[str]) -> None:
    _TAGS[type(owner)].remove(session, owner.id, list(names))
