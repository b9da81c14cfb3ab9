"""Leads and patients for tests, and everything that the database says of them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.db import Database
from genko.leads.models import Lead, LeadSource, LeadStage, LeadStageChange, LeadTag
from genko.leads.records import add_lead, reindex
from genko.messages import roll_up, touches
from genko.messages.models import Conversation, Identity, Touch, TouchKind
from genko.messages.touches import Whose
from genko.patients import records
from genko.patients.models import Patient, PatientTag
from genko.patients.records import PatientFields
from genko.people import record_tags
from tests.factories import Clinic
from tests.steps import T0


def lead(
    clinic: Clinic, first_name: str = "Ana", last_name: str = "Díaz", *, tags: tuple = (), **more: Any
) -> int:
    with clinic.database.transaction() as session:
        number = add_lead(
            session,
            by=clinic.maria,
            first_name=first_name,
            last_name=last_name,
            phone_number=more.get("phone"),
            source=LeadSource.INSTAGRAM,  # which may hide the phone
        )
        found = session.get_one(Lead, number)
        more = {"source": LeadSource.REFERRAL} | more
        for column, value in more.items():
            setattr(found, column, value)
        record_tags.add(session, found, tags)
        reindex(session, found)
    return number


def patient(clinic: Clinic, first_name: str = "Ana", last_name: str = "Díaz", **more: Any) -> int:
    with clinic.database.transaction() as session:
        fields = PatientFields(first_name, last_name, **more)
        return records.add(session, fields, by=clinic.maria, region="DE")


def talking(
    clinic: Clinic,
    address: str,
    *,
    lead_id: int | None = None,
    patient_id: int | None = None,
    phone: str | None = None,
) -> int:
    """A conversation with somebody; its id."""
    with clinic.database.transaction() as session:
        identity = Identity(
            account_id=clinic.account_id,
            external_id=address,
            profile_name="From the channel",
            phone=phone,
            lead_id=lead_id,
            patient_id=patient_id,
        )
        session.add(identity)
        session.flush()
        return roll_up.create(session, [identity], {identity.id: T0})[identity.id]


def touch(clinic: Clinic, note: str, **whose: int) -> None:
    with clinic.database.transaction() as session:
        touches.log_for(session, Whose(**whose), TouchKind.CALL, T0, note, by=clinic.maria)


def step(clinic: Clinic, lead_id: int, to: LeadStage) -> None:
    with clinic.database.transaction() as session:
        found = session.get_one(Lead, lead_id)
        session.add(
            LeadStageChange(
                lead_id=lead_id, from_stage=found.stage, to_stage=to, at=T0, staff_id=clinic.maria
            )
        )
        found.stage = to


def picture(database: Database) -> dict[str, list[tuple]]:
    """All that leads, patients and what hangs on them are, without when they were last changed."""
    with database.reading() as session:
        found = {
            table.__tablename__: _rows(session, table)
            for table in (Lead, Patient, LeadTag, PatientTag, Identity, Touch)
        }
        steps = sa.select(
            LeadStageChange.lead_id, LeadStageChange.from_stage, LeadStageChange.to_stage, LeadStageChange.at,
            LeadStageChange.staff_id, LeadStageChange.reason,
        )  # fmt: skip
        found["steps"] = sorted(map(tuple, session.execute(steps)), key=repr)
        found["names"] = sorted(map(tuple, session.execute(sa.select(Conversation.id, Conversation.name))))
        for owner in ("lead", "patient"):
            words = sa.text(f"SELECT words FROM {owner}_search")
            found[f"{owner}_search"] = sorted(str(row[0]) for row in session.execute(words))
        return found


def _rows(session: Session, table: type) -> list[tuple]:
    columns = [one for one in table.__table__.columns if one.key != "changed_at"]
    return sorted(map(tuple, session.execute(sa.select(*columns))), key=repr)
