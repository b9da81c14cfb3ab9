"""Steps keep their ids"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _never_use_a_step_s_id_again()


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
