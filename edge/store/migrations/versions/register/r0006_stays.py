"""Who is inside, how many, and up to which count of each lane's relay the journal tells."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "stay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("guest", sa.String(), nullable=False),
        sa.Column("home", sa.String(), nullable=True),
        sa.Column("until", sa.String(), nullable=True),
        sa.Column("came", sa.Integer(), nullable=True),
        sa.Column("since", sa.String(), nullable=True),
        sa.Column("ended", sa.String(), nullable=True),
        sa.Column("left", sa.Integer(), nullable=True),
        sa.Column("at", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("stay_key", "stay", ["key"], unique=False)
    op.create_index("stay_open", "stay", ["zone", "left"], unique=False)
    op.create_table(
        "stay_zone",
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("strangers", sa.Integer(), nullable=False),
        sa.Column("loose", sa.Integer(), nullable=False),
        sa.Column("gap", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("zone"),
    )
    op.create_table(
        "lane_count",
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lane"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("lane_count", "stay_zone", "stay"):
        op.drop_table(table)
