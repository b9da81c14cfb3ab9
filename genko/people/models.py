"""What is kept so that two records of one person can be told apart again."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from genko.db import Base, BigId, text_enum


class MergeKind(StrEnum):
    LEADS = "leads"  # a lead into a lead
    LEAD_INTO_PATIENT = "lead_into_patient"
    PATIENTS = "patients"  # a patient into a patient


class Merge(Base, kw_only=True):
    """One merge: the record that is gone stands in `gone` whole, what moved and what changed beside it.

    Ids are kept for an undo: `gone_id` is given back to its record.
    """

    __tablename__ = "merge"
    __table_args__ = (sa.Index(None, "kind", "kept_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    kind: Mapped[MergeKind] = mapped_column(text_enum(MergeKind))
    kept_id: Mapped[int] = mapped_column(sa.BigInteger)
    gone_id: Mapped[int] = mapped_column(sa.BigInteger)
    gone: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # its columns and tags
    kept_before: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # the kept one's columns and tags
    kept_after: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # a field edited since keeps its edit
    moved: Mapped[dict[str, list[int]]] = mapped_column(sa.JSON)  # ids by table; `moving.STEP` was added
    at: Mapped[datetime]
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_member.id"))
    undone_at: Mapped[datetime | None] = mapped_column(default=None)
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"), default=None)
