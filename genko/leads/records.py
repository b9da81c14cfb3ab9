"""Leads' records."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from genko import clock, db, phone, search, text
from genko.access import audit, roles
from genko.access.clinic import get_clinic
from genko.access.models import Role
from genko.errors import Refused
from genko.leads import lookup, pipeline, tags
from genko.leads.filters import INDEX
from genko.leads.models import Lead, LeadSource, LeadStage
from genko.patients import person_fields


@dataclass(frozen=True)
class LeadFields:
    """What staff type about a lead, in any spelling."""

    first_name: str = ""
    last_name: str = ""
    phone_number: str = ""
    email: str = ""
    source: LeadSource = LeadSource.REFERRAL
    stage: LeadStage = LeadStage.LEAD
    notes: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewLead:
    """Of cleaned fields, here since `at`. Of those who come in by themselves nobody typed the name or has looked at them."""

    fields: LeadFields
    at: datetime
    lost_reason: str = ""
    by_itself: bool = False


@dataclass(frozen=True)
class LeadRecord:
    id: int
    first_name: str
    last_name: str
    phone: str | None
    email: str | None
    stage: LeadStage
    source: LeadSource
    notes: str
    created_at: datetime
    lost_reason: str

    @property
    def name(self) -> str:
        return text.full_name(self.first_name, self.last_name)


def add_lead(
    session: Session,
    *,
    by: int,
    source: LeadSource,
    first_name: str = "",
    last_name: str = "",
    phone_number: str | None = None,
    email: str = "",
    stage: LeadStage = LeadStage.LEAD,
    notes: str = "",
    tags: tuple[str, ...] = (),
    lost_reason: str = "",
) -> int:
    """`phone_number` in any spelling."""
    roles.require(session, by, Role.STAFF)
    fields = LeadFields(first_name, last_name, phone_number or "", email, source, stage, notes, tags)
    given = clean(fields, get_clinic(session).region)
    made = new_lead(replace(given, notes=person_fields.clean_notes(notes)), lost_reason=lost_reason)
    [number] = store(session, [made])
    audit.record(session, "lead:add", by=by, subject_kind="lead", subject_id=number)
    return number


def edit_lead(
    session: Session,
    lead_id: int,
    fields: LeadFields,
    *,
    by: int,
    seen: LeadFields | None = None,
    lost_reason: str = "",
) -> None:
    """Names in conversations follow by `people.edit_records`.

    `seen` is what the form was opened with, as stored: what a colleague saved since then is not overwritten. That the
    lead was in touch meanwhile is no change of the form.
    """
    roles.require(session, by, Role.STAFF)
    lead = lookup.get(session, lead_id, lock=True)
    had = tags.of(session, [lead_id]).get(lead_id, [])
    if seen not in {None, stored(lead, had)}:
        raise Refused(
            "Somebody else has changed this lead in the meantime. Close the form and open it again."
        )
    given = clean(fields, get_clinic(session).region, phone_needed=bool(lead.phone), had=had)
    given = replace(given, notes=person_fields.clean_notes(fields.notes, lead.notes))
    if fields.stage is not lead.stage:
        pipeline.move(session, lead_id, fields.stage, by=by, expected=lead.stage, reason=lost_reason)
        detail = ""
    else:
        detail = "another reason" if pipeline.say_why_lost(lead, lost_reason) else ""
    _apply(lead, given)
    tags.put(session, lead_id, given.tags)
    reindex(session, lead)
    audit.record(session, "lead:edit", by=by, subject_kind="lead", subject_id=lead_id, detail=detail)


def get_lead(session: Session, lead_id: int) -> LeadRecord:
    return _record(lookup.get(session, lead_id))


def stored(lead: Lead | LeadRecord, labels: Iterable[str]) -> LeadFields:
    """What a form would have, the phone in E.164."""
    return LeadFields(
        lead.first_name,
        lead.last_name,
        lead.phone or "",
        lead.email or "",
        lead.source,
        lead.stage,
        lead.notes,
        tuple(labels),
    )


def clean(
    fields: LeadFields, region: str, *, phone_needed: bool = True, had: Collection[str] = ()
) -> LeadFields:
    """As it is stored; Refused with the sentence for the first field at fault. `had` are the tags until now."""
    first, last = person_fields.clean_names(fields.first_name, fields.last_name)
    number = fields.phone_number.strip()
    if not number and phone_needed and fields.source is not LeadSource.INSTAGRAM:
        raise Refused("A phone number is needed, unless the lead came from Instagram.")
    labels = tuple(tags.clean(fields.tags))
    tags.refuse_more(labels, had)
    return LeadFields(
        first,
        last,
        phone.normalize(number, region) if number else "",
        person_fields.clean_email(fields.email),
        fields.source,
        fields.stage,
        text.storable(fields.notes).strip(),
        labels,
    )


def new_lead(fields: LeadFields, *, lost_reason: str = "") -> NewLead:
    """Of cleaned fields, added by staff."""
    if fields.stage is LeadStage.CONVERTED:
        raise Refused("A new lead cannot be converted yet. Add it first, then convert it.")
    reason = pipeline.clean_reason(lost_reason)
    if fields.stage is LeadStage.LOST and not reason:
        raise Refused("Say why the lead is lost.")
    return NewLead(fields, clock.now(), reason)


def store(session: Session, made: Sequence[NewLead]) -> list[int]:
    """With their tags, findable; their ids, in this order. Past the mapping layer: hundreds come at once."""
    if not made:
        return []
    now = clock.now()
    inserted = db.insert_all(session, Lead, [_row(one, now) for one in made], "id")
    numbers = sorted(number for (number,) in inserted)  # they are given in the order of the rows
    stored = list(zip(numbers, [one.fields for one in made], strict=True))
    tags.attach(session, [(number, name) for number, fields in stored for name in fields.tags])
    INDEX.add(session, [(number, _words_of(fields)) for number, fields in stored])
    return numbers


def _row(lead: NewLead, now: datetime) -> dict[str, Any]:
    fields = lead.fields
    return {
        "first_name": fields.first_name,
        "last_name": fields.last_name,
        "sort_name": text.sort_name(fields.first_name, fields.last_name),
        "name_typed": not lead.by_itself and bool(fields.first_name or fields.last_name),
        "phone": fields.phone_number or None,
        "email": fields.email or None,
        "notes": fields.notes,
        "source": fields.source,
        "stage": fields.stage,
        "stage_changed_at": lead.at,
        "lost_reason": lead.lost_reason,
        "created_at": lead.at,
        "accepted_at": None if lead.by_itself else lead.at,
        "changed_at": now,
    }


def _words_of(fields: LeadFields) -> Sequence[str]:
    name = text.full_name(fields.first_name, fields.last_name)
    return search.person_words(name, fields.phone_number, fields.email)


def reindex(session: Session, lead: Lead) -> None:
    """After a change of name, phone or email."""
    INDEX.replace(session, lead.id, search.person_words(lead.name, lead.phone, lead.email))


def rename(lead: Lead, first_name: str, last_name: str) -> None:
    """Cleaned names that staff gave."""
    if (lead.first_name, lead.last_name) != (first_name, last_name):
        lead.first_name, lead.last_name = first_name, last_name
        lead.name_typed = bool(first_name or last_name)


def _apply(lead: Lead, given: LeadFields) -> None:
    rename(lead, given.first_name, given.last_name)
    lead.phone, lead.email = given.phone_number or None, given.email or None
    lead.source, lead.notes = given.source, given.notes
    lead.accepted_at = lead.accepted_at or clock.now()  # whoever edits a lead has looked at it
    lead.changed_at = clock.now()


def _record(lead: Lead) -> LeadRecord:
    return LeadRecord(
        lead.id,
        lead.first_name,
        lead.last_name,
        lead.phone,
        lead.email,
        lead.stage,
        lead.source,
        lead.notes,
        lead.created_at,
        lead.lost_reason,
    )
