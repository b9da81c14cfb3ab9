"""Who asked at the clinic without writing a message: leads that staff typed in, and how far they got."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko.demo.script import Record, past
from genko.leads import pipeline, records
from genko.leads.models import Lead, LeadSource, LeadStage, LeadStageChange
from genko.patients.models import Patient
from genko.people import conversion

_CLOCK = "10:20"
_WEBSITE, _REFERRAL = LeadSource.WEBSITE, LeadSource.REFERRAL
_PROSPECT, _QUALIFIED, _LOST = LeadStage.PROSPECT, LeadStage.QUALIFIED, LeadStage.LOST
_CONVERTED = LeadStage.CONVERTED


@dataclass(frozen=True)
class Enquiry:
    """`path` are its stages after Lead; it came in `days` ago and moved on the days after that."""

    phone: str
    record: Record
    source: LeadSource
    days: int
    staff: str
    tags: tuple[str, ...] = ()
    path: tuple[LeadStage, ...] = ()
    reason: str = ""


ENQUIRIES = (
    Enquiry(
        "+4917604069101", Record("Marlene", "Kästner", "m.kaestner@post.example", "Whitening before her wedding in June."),
        _WEBSITE, 1, "J", ("price-sensitive", "whitening"),
    ),
    Enquiry(
        "+4917604069102", Record("Bogdan", "Ilić", notes="Asked at the door for a family doctor, three children."),
        _REFERRAL, 2, "M", ("follow-up",), (_PROSPECT,),
    ),
    Enquiry(
        "+447700900203", Record("Georgina", "Hale", "g.hale@mail.example", "Moves to Berlin in January, needs an English-speaking doctor."),
        _WEBSITE, 4, "M", ("insurance-question",), (_PROSPECT,),
    ),
    Enquiry(
        "+34600000204", Record("Iker", "Landaburu", "iker.l@correo.example", "Implant, second opinion. Has his scans with him."),
        _REFERRAL, 5, "J", ("urgent", "referral"), (_PROSPECT, _QUALIFIED),
    ),
    Enquiry(
        "+4917604069105", Record("Hannelore", "Petzold", notes="Daughter calls for her. Wheelchair: book room 2."),
        _REFERRAL, 6, "M", ("referral",), (_PROSPECT, _QUALIFIED),
    ),
    Enquiry(
        "+491713920106", Record("Lennart", "Wiese", "lennart.wiese@post.example", "Aligners, wants to pay monthly."),
        _WEBSITE, 9, "J", ("price-sensitive",), (_PROSPECT, _QUALIFIED, _CONVERTED),
    ),
    Enquiry(
        "+4917604069107", Record("Amina", "Diallo", "amina.diallo@mail.example", "Found us through her sister."),
        _REFERRAL, 12, "M", ("referral",), (_QUALIFIED, _CONVERTED),
    ),
    Enquiry(
        "+33639980208", Record("Éloïse", "Marchand", "eloise.m@courriel.example"),
        _WEBSITE, 15, "M", (), (_PROSPECT, _CONVERTED),
    ),
    Enquiry(
        "+491713920109", Record("Rüdiger", "Stamm", notes="Crown, asked three practices."),
        _WEBSITE, 11, "J", ("price-sensitive",), (_PROSPECT, _LOST), "Too expensive",
    ),
    Enquiry(
        "+4917604069110", Record("Chiara", "Bellini", "chiara.b@posta.example"),
        _WEBSITE, 18, "M", (), (_LOST,), "No answer",
    ),
)  # fmt: skip


def add(session: Session, *, team: dict[str, int], now: datetime) -> None:
    """Through the product's own verbs, which say "now"; the times are set right behind them."""
    for one in ENQUIRIES:
        _add(session, one, by=team[one.staff], now=now)


def _add(session: Session, one: Enquiry, *, by: int, now: datetime) -> None:
    record = one.record
    lead_id = records.add_lead(
        session, by=by, source=one.source, first_name=record.first_name, last_name=record.last_name,
        phone_number=one.phone, email=record.email, notes=record.notes, tags=one.tags,
    )  # fmt: skip
    came = past(now, one.days, _CLOCK)
    _set(session, lead_id, created_at=came, stage_changed_at=came)
    for day, stage in enumerate(one.path, start=1):
        if stage is _CONVERTED:
            conversion.convert(session, lead_id, by=by)
        else:
            pipeline.move(session, lead_id, stage, by=by, reason=one.reason if stage is _LOST else "")
        _date(session, lead_id, at=min(came + timedelta(days=day), now))


def _date(session: Session, lead_id: int, *, at: datetime) -> None:
    """When the newest step was made; whoever made it has called."""
    newest = sa.select(sa.func.max(LeadStageChange.id)).where(LeadStageChange.lead_id == lead_id)
    session.execute(
        sa.update(LeadStageChange).where(LeadStageChange.id == newest.scalar_subquery()).values(at=at)
    )
    lead = session.get_one(Lead, lead_id)
    lead.stage_changed_at = lead.contacted_at = at
    if lead.patient_id:
        lead.converted_at = session.get_one(Patient, lead.patient_id).created_at = at
    session.flush()


def _set(session: Session, lead_id: int, **values: datetime) -> None:
    for name, value in values.items():
        setattr(session.get_one(Lead, lead_id), name, value)
    session.flush()
