"""Up to which of an edge's events the names have been taken out.

Revision ID: c0011
Revises: c0010
"""

import sqlalchemy as sa
from alembic import op

revision = "c0011"
down_revision = "c0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "name_marks",
        sa.Column("edge", sa.String(80), primary_key=True),
        sa.Column("arrival", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("name_marks")
