"""What the residents' page keeps: sessions, consents, photos that were sent, wishes, requests.

Revision ID: c0010
Revises: c0020
"""

import sqlalchemy as sa
from alembic import op

revision = "c0010"
down_revision = "c0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "home_sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("compound", sa.String(8), nullable=False),
        sa.Column("resident", sa.String(64), nullable=False),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
    )
    op.create_index("home_sessions_of_resident", "home_sessions", ["compound", "resident"])
    op.create_table(
        "consents",
        sa.Column("consent", sa.String(32), primary_key=True),
        sa.Column("compound", sa.String(8), nullable=False),
        sa.Column("resident", sa.String(64), nullable=False),
        sa.Column("credential", sa.String(16), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("guardian", sa.String(64)),
        sa.Column("withdrawn_at", sa.BigInteger),
    )
    op.create_index("consents_of_resident", "consents", ["compound", "resident"])
    op.create_table(
        "photos",
        sa.Column("compound", sa.String(8), primary_key=True),
        sa.Column("photo", sa.String(32), primary_key=True),
        sa.Column("resident", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("dropped_at", sa.BigInteger),
    )
    op.create_index("photos_of_resident", "photos", ["compound", "resident", "at"])
    op.create_table(
        "wishes",
        sa.Column("compound", sa.String(8), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("home", sa.String(16), nullable=False),
        sa.Column("resident", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("wishes_of_home", "wishes", ["compound", "home", "at"])
    op.create_table(
        "requests",
        sa.Column("request", sa.String(32), primary_key=True),
        sa.Column("compound", sa.String(8), nullable=False),
        sa.Column("resident", sa.String(64)),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("requests_of_resident", "requests", ["compound", "resident"])


def downgrade() -> None:
    """Drop them."""
    for table in ("requests", "wishes", "photos", "consents", "home_sessions"):
        op.drop_table(table)
