"""People who have a record."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from genko.db import Base, BigId


class Patient(Base, kw_only=True):
    __tablename__ = "patient"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    first_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str | None] = mapped_column(default=None, index=True)
    email: Mapped[str | None] = mapped_column(default=None)
    notes: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
