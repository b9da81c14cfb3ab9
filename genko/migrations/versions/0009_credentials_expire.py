"""Some channels' credentials expire"""

import sqlalchemy as sa
from alembic import op

from genko.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_account", sa.Column("credentials_expire_at", UtcDateTime(), nullable=True))
