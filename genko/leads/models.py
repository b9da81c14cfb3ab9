"""People who might become patients."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from genko.db import Base, BigId, text_enum


class LeadStage(StrEnum):
    LEAD = "lead"
    PROSPECT = "prospect"
    QUALIFIED = "qualified"
    CONVERTED = "converted"
    LOST = "lost"


class LeadSource(StrEnum):
    WHATSAPP = "whatsapp"
    INSTAGRAM = "instagram"
    WEBSITE = "website"
    REFERRAL = "referral"


class Lead(Base, kw_only=True):
    """`name_typed` is true once staff gave the name: a profile name replaces a placeholder, never that."""

    __tablename__ = "lead"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    first_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    name_typed: Mapped[bool] = mapped_column(default=False)
    phone: Mapped[str | None] = mapped_column(default=None, index=True)
    email: Mapped[str | None] = mapped_column(default=None)
    notes: Mapped[str] = mapped_column(default="")
    stage: Mapped[LeadStage] = mapped_column(text_enum(LeadStage), default=LeadStage.LEAD)
    source: Mapped[LeadSource] = mapped_column(text_enum(LeadSource))
    created_at: Mapped[datetime]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
