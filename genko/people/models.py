"""What a merge stores, so that it can be undone."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from genko.db import Base, BigId, text_enum

Snapshot = dict[str, Any]  # a record's columns as JSON values, and its tags


class MergeKind(StrEnum):
    LEADS = "leads"  # a lead into a lead
    LEAD_INTO_PATIENT = "lead_into_patient"
    PATIENTS = "patients"  # a patient into a patient


class Merge(Base, kw_only=True):
    """One merge of two records. The winner's record stays; the loser's is removed.

    The loser's full data and what moved to the winner are stored, so that an undo can restore both. The loser gets its id
    back.
    """

    __tablename__ = "merge"
    __table_args__ = (sa.Index(None, "kind", "kept_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, init=False)
    kind: Mapped[MergeKind] = mapped_column(text_enum(MergeKind))
    winner_id: Mapped[int] = mapped_column("kept_id", sa.BigInteger)
    loser_id: Mapped[int] = mapped_column("gone_id", sa.BigInteger)
    loser: Mapped[Snapshot] = mapped_column("gone", sa.JSON)
    winner_before: Mapped[Snapshot] = mapped_column("kept_before", sa.JSON)
    winner_after: Mapped[Snapshot] = mapped_column(
        "kept_after", sa.JSON
    )  # an undo leaves fields alone that were edited since
    moved: Mapped[dict[str, list[int]]] = mapped_column(
        sa.JSON
    )  # ids by table; `move_related.STEP` was added
    at: Mapped[datetime]
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_member.id"))
    undone_at: Mapped[datetime | None] = mapped_column(default=None)
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"), default=None)
