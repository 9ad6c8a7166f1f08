"""What goes up to the centre beside the journal, and what it tells."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = (
    "refusal",
    "guardian",
    "face_withdrawal",
    "centre_key",
    "told",
    "register_change",
    "letter",
)
_WATCHED = (
    ("resident", "resident", "id"),
    ("vehicle", "vehicle", "id"),
    # Whoever has a car of their own is known by its plate, and no longer once it is gone.
    ("vehicle", "resident", "resident"),
    ("card", "resident", "resident"),
    ("refusal", "resident", "resident"),
    ("guardian", "resident", "resident"),
)
"""Tables whose changes are told, as what, and by which column."""
_DEEDS = {"insert": "new", "update": "new", "delete": "old"}


def upgrade() -> None:
    """Make the tables, and the triggers that note each change where there is a centre."""
    op.create_table(
        "letter",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("aside", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "register_change",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id"),
    )
    op.create_table(
        "told",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("put_off", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("told_kind", "told", ["kind"], unique=False)
    op.create_table(
        "centre_key",
        sa.Column("ed25519", sa.String(), nullable=False),
        sa.Column("kid", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("ed25519"),
    )
    op.create_table(
        "face_withdrawal",
        sa.Column("resident", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("resident", "epoch"),
    )
    _of_residents("guardian", sa.Column("guardian", sa.String(), nullable=False), "resident")
    refused = sa.Column("credential", sa.String(), nullable=False)
    _of_residents("refusal", refused, "resident", "credential")
    for table, kind, column in _WATCHED:
        for deed, row in _DEEDS.items():
            # Without OR IGNORE, which the statement outside the trigger would overrule.
            op.execute(
                f"CREATE TRIGGER {table}_{kind}_{deed} AFTER {deed} ON {table} "  # noqa: S608 - ours
                f"WHEN {row}.{column} IS NOT NULL AND "
                "EXISTS (SELECT 1 FROM state WHERE name = 'feed_epoch') BEGIN "
                "INSERT INTO register_change (kind, id) "
                f"SELECT '{kind}', {row}.{column} WHERE NOT EXISTS (SELECT 1 FROM register_change "
                f"WHERE kind = '{kind}' AND id = {row}.{column}); END"
            )


def _of_residents(name: str, column: "sa.Column[str]", *key: str) -> None:
    op.create_table(
        name,
        sa.Column("resident", sa.String(), nullable=False),
        column,
        sa.ForeignKeyConstraint(["resident"], ["resident.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(*key),
    )


def downgrade() -> None:
    """Drop the triggers and the tables."""
    for table, kind, _column in _WATCHED:
        for deed in _DEEDS:
            op.execute(f"DROP TRIGGER {table}_{kind}_{deed}")
    for name in _TABLES:
        op.drop_table(name)
