"""Outbound messages that did not leave from here say so"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE message SET author = 'other_tool' WHERE author = 'staff' AND staff_id IS NULL")
    op.execute(_PREVIEWS)


_PREVIEWS = """
UPDATE conversation SET preview_author = 'other_tool'
WHERE preview_author = 'staff' AND 'other_tool' = (
    SELECT author FROM message WHERE message.conversation_id = conversation.id ORDER BY at DESC, id DESC LIMIT 1
)
"""
