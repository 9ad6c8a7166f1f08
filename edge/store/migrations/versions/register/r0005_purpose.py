"""What each consent is for: until now every one was for being known by face."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was agreed to before is for the face."""
    column = sa.Column("purpose", sa.String(), nullable=False, server_default="face")
    op.add_column("consent", column)


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("consent", "purpose")
