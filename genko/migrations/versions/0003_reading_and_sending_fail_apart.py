"""Reading and sending fail apart"""

import sqlalchemy as sa
from alembic import op

from genko.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_account", sa.Column("send_error", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "channel_account", sa.Column("send_failures", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("channel_account", sa.Column("send_retry_at", UtcDateTime(), nullable=True))
