"""An account is verified or not: its health says so, and nothing else does"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("channel_account", "verified_at")
