"""Who works here, who is signed in, and what was done."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from genko.db import Base, BigId, text_enum

StaffId = NewType("StaffId", int)


class Role(StrEnum):
    ADMIN = "admin"
    STAFF = "staff"
    VIEWER = "viewer"


class Clinic(Base, kw_only=True):
    """The one clinic of this database (id 1)."""

    __tablename__ = "clinic"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(default="Our clinic")
    time_zone: Mapped[str] = mapped_column(default="UTC")
    region: Mapped[str] = mapped_column(default="US")
    setup_code_hash: Mapped[str | None] = mapped_column(default=None)


class StaffMember(Base, kw_only=True):
    __tablename__ = "staff_member"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(text_enum(Role))
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class StaffSession(Base, kw_only=True):
    """A sign-in. The cookie's token is stored as a hash only."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    token_hash: Mapped[str] = mapped_column(unique=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_member.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    address: Mapped[str] = mapped_column(default="")


class SignInFailure(Base, kw_only=True):
    """A wrong password, remembered to slow guessing down. `subject` is a hashed account or address."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (sa.Index(None, "subject", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    subject: Mapped[str]
    at: Mapped[datetime]


class AuditEntry(Base, kw_only=True):
    """Append-only: who did what to which record. Names and texts of patients never go in here."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index(None, "subject_kind", "subject_id"), sa.Index(None, "at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"))
    action: Mapped[str]
    subject_kind: Mapped[str] = mapped_column(default="")
    subject_id: Mapped[int | None] = mapped_column(sa.BigInteger, default=None)
    detail: Mapped[str] = mapped_column(default="")
