"""Vehicles, cars that are kept out, where each car was last, cards, and passes bound to a plate."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "vehicle",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("building", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("until", sa.String(), nullable=True),
        sa.Column("resident", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("added", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["resident"], ["resident.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plate"),
    )
    op.create_index("vehicle_resident", "vehicle", ["resident"], unique=False)
    op.create_table(
        "restriction",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("second", sa.String(), nullable=True),
        sa.Column("lanes", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=False),
        sa.Column("added", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("restriction_plate", "restriction", ["plate"], unique=False)
    op.create_table(
        "car_passage",
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("boot", sa.String(), nullable=False),
        sa.Column("at_mono", sa.Float(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("event"),
    )
    op.create_index("car_passage_plate", "car_passage", ["plate", "event"], unique=False)
    op.create_table(
        "card",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("resident", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("added", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["resident"], ["resident.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("card_resident", "card", ["resident"], unique=False)
    op.create_table(
        "plate_pass",
        sa.Column("pass_id", sa.String(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pass_id"),
    )
    op.create_index("plate_pass_plate", "plate_pass", ["plate"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    for table in ("plate_pass", "card", "car_passage", "restriction", "vehicle"):
        op.drop_table(table)
