"""Passes that residents make, and the keys that sign them.

Revision ID: c0020
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "c0020"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of passes and of their keys."""
    op.create_table(
        "pass_secret",
        sa.Column("one", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("raw", sa.String(64)),
    )
    op.create_table(
        "pass_rings",
        sa.Column("compound", sa.String(8), primary_key=True),
        sa.Column("kid", sa.SmallInteger, nullable=False),
        sa.Column("rotation", sa.Integer, nullable=False),
    )
    op.create_table(
        "pass_keys",
        sa.Column("compound", sa.String(8), primary_key=True),
        sa.Column("kid", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("ed25519", sa.String(64), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("retired_at", sa.BigInteger),
    )
    op.create_table(
        "passes",
        sa.Column("pass_id", sa.String(32), primary_key=True),
        sa.Column("compound", sa.String(8), nullable=False),
        sa.Column("home", sa.String(16), nullable=False),
        sa.Column("host", sa.String(16), nullable=False),
        sa.Column("label", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("lanes", sa.Text, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False),
        sa.Column("weekly", sa.Text),
        sa.Column("rotating", sa.Boolean, nullable=False),
        sa.Column("plate", sa.String(16)),
        sa.Column("kid", sa.SmallInteger, nullable=False),
        sa.Column("pin", sa.String(6)),
        sa.Column("link_digest", sa.String(64), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
    )
    op.create_index("passes_pin", "passes", ["compound", "pin"], unique=True)
    op.create_index("passes_link", "passes", ["link_digest"], unique=True)
    op.create_index("passes_home", "passes", ["compound", "home", "expires"])
    op.create_index("passes_expires", "passes", ["expires"])


def downgrade() -> None:
    """Drop them all."""
    for table in ("passes", "pass_keys", "pass_rings", "pass_secret"):
        op.drop_table(table)
