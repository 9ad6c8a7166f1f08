"""Who is never asked for a movement and shows a second factor instead."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nobody is marked."""
    op.add_column(
        "resident",
        sa.Column("second_factor", sa.Integer(), nullable=False, server_default="0"),
    )


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("resident", "second_factor")
