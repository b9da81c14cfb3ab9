"""Records as staff edit them. A changed name follows into the person's conversations.

`seen` is the lead as the form was opened with it, or when the patient had last been changed: a newer change by somebody
else is refused. `locks.py` says why the conversations are locked before the record.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from genko.leads import records as leads
from genko.leads.records import LeadFields
from genko.patients import records as patients
from genko.patients.records import PatientFields
from genko.people import display_names, locks


def edit_lead(
    session: Session,
    lead_id: int,
    fields: LeadFields,
    *,
    by: int,
    seen: LeadFields | None = None,
    lost_reason: str = "",
) -> None:
    locks.hold(session, leads=[lead_id])
    leads.edit_lead(session, lead_id, fields, by=by, seen=seen, lost_reason=lost_reason)
    display_names.follow_lead(session, lead_id)


def edit_patient(
    session: Session,
    patient_id: int,
    fields: PatientFields,
    *,
    by: int,
    region: str,
    seen: datetime | None = None,
) -> None:
    locks.hold(session, patients=[patient_id])
    patients.change(session, patient_id, fields, by=by, region=region, seen=seen)
    display_names.follow_patient(session, patient_id)
