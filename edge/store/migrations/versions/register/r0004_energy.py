"""What each zone used on each day, beside what it would have used."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_FIGURES = ("metered", "estimated", "baseline", "paid", "baseline_paid")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "energy",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in _FIGURES),
        sa.PrimaryKeyConstraint("day", "zone"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("energy")
