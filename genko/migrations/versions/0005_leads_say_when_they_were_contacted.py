"""Leads say when they were contacted, if at all, and steps keep their ids"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from genko.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _never_use_a_step_s_id_again()
    op.add_column("lead", sa.Column("contacted_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE lead SET contacted_at = uncontacted_since WHERE uncontacted_since > created_at")
    op.drop_index("ix_lead_uncontacted_since", "lead")
    op.drop_column("lead", "uncontacted_since")
    op.create_index("ix_lead_uncontacted_since", "lead", [sa.text("coalesce(contacted_at, created_at)")])
    _tell_merges()


_MERGE = sa.table(
    "merge", sa.column("id"), *(sa.column(one, sa.JSON()) for one in ("gone", "kept_before", "kept_after"))
)


def _tell_merges() -> None:
    """Whoever is brought back has what leads have now."""
    for number, *kept in op.get_bind().execute(sa.select(_MERGE)).all():
        told = dict(zip(("gone", "kept_before", "kept_after"), map(_told, kept), strict=True))
        op.get_bind().execute(sa.update(_MERGE).where(_MERGE.c.id == number).values(told))


def _told(record: dict[str, Any]) -> dict[str, Any]:
    since = record.pop("uncontacted_since", None)
    if since is None:  # a patient
        return record
    was_contacted = datetime.fromisoformat(since) > datetime.fromisoformat(record["created_at"])
    return record | {"contacted_at": since if was_contacted else None}


def _never_use_a_step_s_id_again() -> None:
    """Nor one of those that merges keep, so that they can be brought back."""
    anew = {"sqlite_autoincrement": True}
    with op.batch_alter_table("lead_stage_change", recreate="always", table_kwargs=anew):
        pass
    highest = op.get_bind().scalar(sa.text(_HIGHEST))
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'lead_stage_change'")
    op.execute(f"INSERT INTO sqlite_sequence (name, seq) VALUES ('lead_stage_change', {highest})")


_HIGHEST = """
SELECT max(
    coalesce((SELECT max(id) FROM lead_stage_change), 0),
    coalesce((SELECT max(json_extract(step.value, '$.id')) FROM merge, json_each(merge.gone, '$.steps') AS step), 0),
    coalesce((SELECT max(step.value) FROM merge, json_each(merge.moved, '$.step') AS step), 0)
)
"""
