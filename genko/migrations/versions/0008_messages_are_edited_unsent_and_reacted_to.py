"""Messages are edited, unsent and reacted to; people see them; files go out too"""

import sqlalchemy as sa
from alembic import op

from genko.db import BigId, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identity", sa.Column("seen_at", UtcDateTime(), nullable=True))
    op.add_column("message", sa.Column("reply_to", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("edited_at", UtcDateTime(), nullable=True))
    op.add_column("message", sa.Column("unsent_at", UtcDateTime(), nullable=True))
    direction = sa.Column("direction", sa.String(20), nullable=False, server_default="inbound")
    with op.batch_alter_table("message_file") as table:
        table.add_column(direction)
        table.alter_column("provider_ref", existing_type=sa.Text(), nullable=True)
    _create_message_reaction()
    _create_early_change()


def _create_message_reaction() -> None:
    op.create_table(
        "message_reaction",
        sa.Column("message_id", BigId, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("emoji", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_reaction_message_id_message")
        ),
        sa.PrimaryKeyConstraint("message_id", "person", name=op.f("pk_message_reaction")),
    )


def _create_early_change() -> None:
    op.create_table(
        "early_change",
        sa.Column("id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["channel_account.id"], name=op.f("fk_early_change_account_id_channel_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_change")),
        sa.UniqueConstraint("account_id", "digest", name=op.f("uq_early_change_account_id_digest")),
    )
