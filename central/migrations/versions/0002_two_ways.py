"""Credentials of edges, the feed down, letters up, the register as told, and the centre's staff.

Revision ID: 0002
Revises: 0001
"""

import json
import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BACKLOG = 1000
_RESIDENT = 64
_EDGES: dict[str, sa.types.TypeEngine[Any]] = {
    "compound": sa.String(8),
    "public_key": sa.String(64),
    "claimed_at": sa.BigInteger(),
    "revoked_at": sa.BigInteger(),
    "proof": sa.BigInteger(),
    "proof_at": sa.BigInteger(),
    "letter": sa.BigInteger(),
    "letters_at": sa.BigInteger(),
    "events_at": sa.BigInteger(),
}
_NEW = (
    "centre",
    "compounds",
    "claim_codes",
    "sessions",
    "feed",
    "letters",
    "stray_letters",
    "attempts",
    "staff",
    "staff_sessions",
    "sites",
    "residents",
    "vehicles",
    "home_claims",
    "photo_answers",
    "pass_uses",
    "receipts",
    "not_applied",
)


def upgrade() -> None:
    """Make the new tables and columns; events that are there are asked whom they name."""
    for name, sort in _EDGES.items():
        op.add_column("edges", sa.Column(name, sort))
    op.create_index("edges_of_compound", "edges", ["compound"])
    op.add_column("events", sa.Column("resident", sa.String(64)))
    _name_residents()
    op.create_index("events_of_resident", "events", ["resident", "at"])
    _make_centre()
    _make_feed()
    _make_register()
    _make_staff()


def downgrade() -> None:
    """Drop what the upgrade made."""
    for table in reversed(_NEW):
        op.drop_table(table)
    op.drop_index("events_of_resident", "events")
    op.drop_column("events", "resident")
    op.drop_index("edges_of_compound", "edges")
    for name in reversed(_EDGES):
        op.drop_column("edges", name)


def _name_residents() -> None:
    connection = op.get_bind()
    events = sa.table("events", *(sa.column(n) for n in ("edge", "arrival", "body", "resident")))
    key = sa.tuple_(events.c.edge, events.c.arrival)
    after = ("", 0)
    while rows := connection.execute(
        sa.select(events.c.edge, events.c.arrival, events.c.body)
        .where(key > sa.tuple_(*map(sa.literal, after)))
        .order_by(events.c.edge, events.c.arrival)
        .limit(_BACKLOG)
    ).all():
        after = (rows[-1].edge, rows[-1].arrival)
        for row in rows:
            named = json.loads(row.body).get("resident")
            if isinstance(named, str) and 0 < len(named) <= _RESIDENT and "\x00" not in named:
                connection.execute(
                    sa.update(events)
                    .where(events.c.edge == row.edge, events.c.arrival == row.arrival)
                    .values(resident=named)
                )


def _make_centre() -> None:
    centre = op.create_table(
        "centre",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
    )
    op.bulk_insert(
        centre, [{"id": 1, "epoch": secrets.token_hex(16), "secret": secrets.token_hex(32)}]
    )
    op.create_table(
        "compounds",
        sa.Column("compound", sa.String(8), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("behind", sa.BigInteger),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "claim_codes",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("compound", sa.String(8)),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("edge", sa.String(80)),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("edge", sa.String(80), nullable=False),
        sa.Column("challenge", sa.String(64), nullable=False, unique=True),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("sessions_of_edge", "sessions", ["edge"])
    op.create_table(
        "attempts",
        sa.Column("who", sa.String(64), primary_key=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_index("attempts_by_age", "attempts", ["last"])


def _make_feed() -> None:
    op.create_table(
        "feed",
        sa.Column("compound", sa.String(8), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("resident", sa.String(64)),
        sa.Column("subject", sa.String(64)),
    )
    op.create_index("feed_of_resident", "feed", ["compound", "resident"])
    op.create_index("feed_of_subject", "feed", ["compound", "subject"])
    op.create_table(
        "letters",
        sa.Column("edge", sa.String(80), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "stray_letters",
        sa.Column("edge", sa.String(80), primary_key=True),
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("number", sa.BigInteger),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "not_applied",
        sa.Column("edge", sa.String(80), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("compound", sa.String(8), nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("not_applied_of_compound", "not_applied", ["compound", "number"])
    op.create_table(
        "receipts",
        sa.Column("compound", sa.String(8), primary_key=True),
        sa.Column("request", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("resident", sa.String(64)),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("keys_expire", sa.Date),
        sa.Column("events", sa.Integer),
        sa.Column("document", sa.Text),
    )
    op.create_index("receipts_of_resident", "receipts", ["compound", "resident"])
    op.create_table(
        "pass_uses",
        sa.Column("edge", sa.String(80), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("compound", sa.String(8), nullable=False),
        sa.Column("pass_id", sa.String(64), nullable=False),
        sa.Column("lane", sa.SmallInteger, nullable=False),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("opened", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("double", sa.Boolean, nullable=False),
    )
    op.create_index("pass_uses_of_pass", "pass_uses", ["compound", "pass_id", "at"])


def _make_register() -> None:
    op.create_table(
        "sites",
        sa.Column("compound", sa.String(8), primary_key=True),
        sa.Column("edge", sa.String(80), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("lanes", sa.Text, nullable=False),
        sa.Column("photo_key", sa.String(130), nullable=False),
        sa.Column("photo_key_id", sa.String(16), nullable=False),
    )
    op.create_table(
        "residents",
        sa.Column("compound", sa.String(8), primary_key=True),
        sa.Column("resident", sa.String(64), primary_key=True),
        sa.Column("edge", sa.String(80), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.Column("name", sa.String(200)),
        sa.Column("home", sa.String(16)),
        sa.Column("kind", sa.String(16)),
        sa.Column("until", sa.Date),
        sa.Column("allowed", sa.Text),
        sa.Column("face", sa.Boolean),
        sa.Column("guardian", sa.String(64)),
    )
    op.create_index("residents_of_home", "residents", ["compound", "home"])
    op.create_table(
        "vehicles",
        sa.Column("compound", sa.String(8), primary_key=True),
        sa.Column("vehicle", sa.String(64), primary_key=True),
        sa.Column("edge", sa.String(80), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.Column("resident", sa.String(64)),
        sa.Column("plate", sa.String(16)),
        sa.Column("until", sa.Date),
    )
    op.create_index("vehicles_of_resident", "vehicles", ["compound", "resident"])
    op.create_table(
        "home_claims",
        sa.Column("compound", sa.String(8), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("resident", sa.String(64), nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_index("home_claims_by_digest", "home_claims", ["digest"])
    op.create_table(
        "photo_answers",
        sa.Column("compound", sa.String(8), primary_key=True),
        sa.Column("photo", sa.String(64), primary_key=True),
        sa.Column("answer", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _make_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("staff_sessions_of_name", "staff_sessions", ["name"])
