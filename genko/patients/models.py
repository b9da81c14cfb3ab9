"""People who have a record."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, MappedAsDataclass, mapped_column, validates

from genko import text
from genko.db import Base, BigId


class Person(MappedAsDataclass, kw_only=True):
    """What patients and leads have in common. `phone` is E.164, `email` in lower case."""

    # Stands first: the names that are set after it keep it up to date.
    sort_name: Mapped[str] = mapped_column(init=False, default="")
    first_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str | None] = mapped_column(default=None, index=True)
    email: Mapped[str | None] = mapped_column(default=None, index=True)
    notes: Mapped[str] = mapped_column(default="")

    @validates("first_name", "last_name")
    def _keep_sort_name(self, field: str, value: str) -> str:
        names = {"first_name": self.first_name or "", "last_name": self.last_name or "", field: value}
        self.sort_name = text.sort_name(**names)
        return value

    @property
    def name(self) -> str:
        return text.full_name(self.first_name, self.last_name)


class Patient(Person, Base, kw_only=True):
    """Ids are never used again: a screen that still shows a merged patient must not act on another one."""

    __tablename__ = "patient"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads a plain dict

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    first_appointment_at: Mapped[datetime | None] = mapped_column(default=None)
    first_appointment_note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


sa.Index("ix_patient_name", Patient.sort_name, Patient.id)


class PatientTag(Base, kw_only=True):
    """A label on a patient, in lower case."""

    __tablename__ = "patient_tag"
    __table_args__ = (sa.Index(None, "name"),)

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
