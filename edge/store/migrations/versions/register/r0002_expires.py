"""When each pass is over, so that what is kept of it can end.

Uses and revocations of passes that this register has never seen issued keep no date.
"""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("issued", "pass_use", "revoked")


def upgrade() -> None:
    """Add the columns and fill them from the passes that were issued here."""
    for table in _TABLES:
        op.add_column(table, sa.Column("expires", sa.String(), nullable=True))
    connection = op.get_bind()
    for pass_id, claims in connection.execute(sa.text("SELECT pass_id, claims FROM issued")).all():
        expires = datetime.fromisoformat(json.loads(claims)["expires"]).astimezone(UTC)
        for table in _TABLES:
            connection.execute(
                sa.text(f"UPDATE {table} SET expires = :expires WHERE pass_id = :pass_id"),  # noqa: S608 - names of this file
                {"expires": expires.isoformat(timespec="microseconds"), "pass_id": pass_id},
            )


def downgrade() -> None:
    """Drop the columns."""
    for table in _TABLES:
        op.drop_column(table, "expires")
