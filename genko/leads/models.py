"""People who might become patients, and their way there."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from genko.db import Base, BigId, text_enum
from genko.leads import sources
from genko.patients.models import Person


class LeadStage(StrEnum):
    LEAD = "lead"
    PROSPECT = "prospect"
    QUALIFIED = "qualified"
    CONVERTED = "converted"
    LOST = "lost"

    @property
    def is_open(self) -> bool:
        return self not in {LeadStage.CONVERTED, LeadStage.LOST}


class LeadSource(StrEnum):
    WHATSAPP = "whatsapp"
    INSTAGRAM = "instagram"
    WEBSITE = "website"
    REFERRAL = "referral"

    @property
    def label(self) -> str:
        return sources.WORDS[self].label


class Lead(Person, Base, kw_only=True):
    """`name_typed` is true once staff gave the name: a profile name replaces a placeholder, never that.

    Ids are never used again: a screen that still shows a deleted lead must not act on another one.
    """

    __tablename__ = "lead"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads a plain dict

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    name_typed: Mapped[bool] = mapped_column(default=False)
    source: Mapped[LeadSource] = mapped_column(text_enum(LeadSource))
    created_at: Mapped[datetime] = mapped_column(index=True)

    stage: Mapped[LeadStage] = mapped_column(text_enum(LeadStage), default=LeadStage.LEAD)
    stage_changed_at: Mapped[datetime]
    lost_reason: Mapped[str] = mapped_column(default="")
    patient_id: Mapped[int | None] = mapped_column(  # what it became
        sa.ForeignKey("patient.id"), default=None, index=True
    )
    converted_at: Mapped[datetime | None] = mapped_column(default=None)
    converted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"), default=None)

    contacted_at: Mapped[datetime | None] = mapped_column(
        default=None
    )  # the last message or touch by a person
    accepted_at: Mapped[datetime | None] = mapped_column(default=None)  # None: came in by itself, unlooked at
    changed_at: Mapped[datetime] = mapped_column(index=True)

    @hybrid_property
    def uncontacted_since(self) -> datetime:
        """Since when nobody of ours has been in touch, be it from the beginning."""
        return self.contacted_at or self.created_at

    @uncontacted_since.inplace.expression
    @classmethod
    def _uncontacted_since(cls) -> sa.ColumnElement[datetime]:
        return sa.func.coalesce(cls.contacted_at, cls.created_at)


sa.Index("ix_lead_uncontacted_since", sa.func.coalesce(Lead.contacted_at, Lead.created_at))
sa.Index("ix_lead_board", Lead.stage, Lead.stage_changed_at.desc(), Lead.id.desc())
sa.Index("ix_lead_name", Lead.sort_name, Lead.id)


class LeadTag(Base, kw_only=True):
    """A label on a lead, in lower case."""

    __tablename__ = "lead_tag"
    __table_args__ = (sa.Index(None, "name"),)

    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)


class CommonTag(Base, kw_only=True):
    """A tag that is offered, in the order of `place`. A retired one stays on the leads that have it."""

    __tablename__ = "common_tag"

    name: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int]
    retired_at: Mapped[datetime | None] = mapped_column(default=None)


class LeadStageChange(Base, kw_only=True):
    """One step of a lead, by a staff member or (None) by the program.

    Ids are never used again: an undone merge brings its steps back under theirs.
    """

    __tablename__ = "lead_stage_change"
    __table_args__ = (sa.Index(None, "at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    from_stage: Mapped[LeadStage] = mapped_column(text_enum(LeadStage))
    to_stage: Mapped[LeadStage] = mapped_column(text_enum(LeadStage))
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"), default=None)
    reason: Mapped[str] = mapped_column(default="")
