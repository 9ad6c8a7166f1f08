"""The first schema of register.db."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "account",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("added", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("journal", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("trust", sa.String(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=True),
        sa.Column("direction", sa.String(), nullable=True),
        sa.Column("credential", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=True),
        sa.Column("ms", sa.Integer(), nullable=True),
        sa.Column("policy", sa.String(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("event_answers", "event", ["answers"], unique=False)
    op.create_table(
        "head",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("journal", sa.String(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "intent",
        sa.Column("cmd_id", sa.String(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("relay", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("deadline", sa.Float(), nullable=False),
        sa.Column("pass_id", sa.String(), nullable=True),
        sa.Column("use", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("cmd_id"),
    )
    op.create_index("intent_open", "intent", ["outcome"], unique=False)
    op.create_table(
        "issued",
        sa.Column("pass_id", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("claims", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pass_id"),
    )
    op.create_index("issued_host", "issued", ["host"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("journal", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("quarantined", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("outbox_order", "outbox", ["priority", "seq"], unique=False)
    op.create_table(
        "pass_use",
        sa.Column("pass_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("boot", sa.String(), nullable=False),
        sa.Column("at_mono", sa.Float(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pass_id", "number"),
    )
    op.create_table(
        "personal",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("evidence", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("personal_person", "personal", ["person"], unique=False)
    op.create_table(
        "relay_seq",
        sa.Column("relay", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("relay"),
    )
    op.create_table(
        "resident",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("building", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=True),
        sa.Column("added", sa.String(), nullable=False),
        sa.Column("face", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("face"),
    )
    op.create_table(
        "revoked",
        sa.Column("pass_id", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pass_id"),
    )
    op.create_table(
        "state",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "tombstone",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("guardian", sa.String(), nullable=True),
        sa.Column("withdrawn", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["resident"], ["resident.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("consent_resident", "consent", ["resident"], unique=False)

    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER event_never_{change.lower()} BEFORE {change} ON event "
            "BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END"
        )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("consent_resident", table_name="consent")
    op.drop_table("consent")
    op.drop_table("tombstone")
    op.drop_table("state")
    op.drop_table("revoked")
    op.drop_table("resident")
    op.drop_table("relay_seq")
    op.drop_index("personal_person", table_name="personal")
    op.drop_table("personal")
    op.drop_table("pass_use")
    op.drop_index("outbox_order", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("issued_host", table_name="issued")
    op.drop_table("issued")
    op.drop_index("intent_open", table_name="intent")
    op.drop_table("intent")
    op.drop_table("head")
    op.drop_index("event_answers", table_name="event")
    op.drop_table("event")
    op.drop_table("account")
