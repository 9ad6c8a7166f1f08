"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move to this schema."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Move back to the schema before."""
    ${downgrades if downgrades else "pass"}
