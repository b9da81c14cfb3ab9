"""Labels on patients, in lower case."""

from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db
from genko.errors import Refused
from genko.patients.models import PatientTag

_LONGEST = 40  # characters


def of(session: Session, patient_ids: Iterable[int]) -> dict[int, list[str]]:
    """Alphabetically, by the patient's id; those without tags are left out."""
    rows = session.execute(
        sa.select(PatientTag.patient_id, PatientTag.name)
        .where(PatientTag.patient_id.in_(list(patient_ids)))
        .order_by(PatientTag.name)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for patient_id, name in rows:
        found[patient_id].append(name)
    return dict(found)


def add(session: Session, patient_id: int, names: Iterable[str]) -> None:
    rows = [{"patient_id": patient_id, "name": name} for name in cleaned(names)]
    if rows:
        session.execute(db.insert(session, PatientTag).on_conflict_do_nothing(), rows)


def remove(session: Session, patient_id: int, names: Iterable[str]) -> None:
    session.execute(
        sa.delete(PatientTag)
        .where(PatientTag.patient_id == patient_id, PatientTag.name.in_(list(names)))
        .execution_options(synchronize_session=False)
    )


def replace(session: Session, patient_id: int, names: Iterable[str]) -> None:
    wanted, had = cleaned(names), of(session, [patient_id]).get(patient_id, [])
    remove(session, patient_id, set(had) - set(wanted))
    add(session, patient_id, wanted)


def cleaned(names: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(tag for name in names if (tag := " ".join(name.lower().split()))))
    if any(len(tag) > _LONGEST for tag in found):
        raise Refused(f"A tag has at most {_LONGEST} characters.")
    return found
