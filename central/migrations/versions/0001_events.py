"""Events of many edges, each once; what was put aside; who sent them.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables; on PostgreSQL `events` is partitioned by month of receipt."""
    op.create_table(
        "edges",
        sa.Column("edge", sa.String(80), primary_key=True),
        sa.Column("arrivals", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "received",
        sa.Column("edge", sa.String(80), primary_key=True),
        sa.Column("journal", sa.String(64), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("row_hash", sa.String(64), nullable=False),
        sa.Column("before", sa.String(64)),
    )
    op.create_table(
        "events",
        sa.Column("edge", sa.String(80), primary_key=True),
        sa.Column("arrival", sa.BigInteger, primary_key=True),
        sa.Column("month", sa.Integer, primary_key=True),
        sa.Column("journal", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("row_hash", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("lane", sa.SmallInteger),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        postgresql_partition_by="LIST (month)",
    )
    op.create_table(
        "quarantine",
        sa.Column("edge", sa.String(80), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("journal", sa.String(64)),
        sa.Column("seq", sa.BigInteger),
        sa.Column("row_hash", sa.String(64)),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.CheckConstraint("length(digest) = 64", name="quarantine_digest"),
    )


def downgrade() -> None:
    """Drop them all."""
    for table in ("quarantine", "events", "received", "edges"):
        op.drop_table(table)
