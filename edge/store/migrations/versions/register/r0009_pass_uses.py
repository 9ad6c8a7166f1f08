"""Numeric codes and their lock, and uses of passes that are shared between gate machines."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_COLUMNS = ("at", "kind", "allowed", "opened", "changed")
_TABLES = ("pass_pin", "pin_lock", "use_elsewhere", "use_heard", "double_use")


def upgrade() -> None:
    """Add the columns and the tables; uses from before are told to no other machine."""
    op.add_column("pass_use", sa.Column("at", sa.String(), nullable=True))
    op.add_column("pass_use", sa.Column("kind", sa.String(), nullable=True))
    op.add_column("pass_use", sa.Column("allowed", sa.Integer(), nullable=True))
    opened = sa.Column("opened", sa.Integer(), nullable=False, server_default="0")
    op.add_column("pass_use", opened)
    op.add_column("pass_use", sa.Column("changed", sa.Integer(), nullable=True))
    op.create_index("pass_use_changed", "pass_use", ["changed"], unique=False)
    op.create_table(
        "pass_pin",
        sa.Column("pin", sa.String(), nullable=False),
        sa.Column("pass_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pin"),
    )
    op.create_index("pass_pin_pass", "pass_pin", ["pass_id"], unique=True)
    op.create_table(
        "pin_lock",
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("boot", sa.String(), nullable=False),
        sa.Column("wrong", sa.String(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lane"),
    )
    op.create_table(
        "use_elsewhere",
        sa.Column("pass_id", sa.String(), nullable=False),
        sa.Column("edge", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("expires", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pass_id", "edge", "number", "at"),
    )
    op.create_table(
        "use_heard",
        sa.Column("journal", sa.String(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("journal"),
    )
    op.create_table(
        "double_use",
        sa.Column("pass_id", sa.String(), nullable=False),
        sa.Column("expires", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pass_id"),
    )


def downgrade() -> None:
    """Drop the tables and the columns."""
    for table in _TABLES:
        op.drop_table(table)
    op.drop_index("pass_use_changed", "pass_use")
    for column in _COLUMNS:
        op.drop_column("pass_use", column)
