"""The centre's tables, the same on SQLite and PostgreSQL; times are microseconds since 1970 UTC.

What the gates tell of their register is in central/register_tables.py.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

METADATA: Final = MetaData()

# One row: who this database is, and what its challenges are signed with.
CENTRE: Final = Table(
    "centre",
    METADATA,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("epoch", String(32), nullable=False),
    Column("secret", String(64), nullable=False),
)

COMPOUNDS: Final = Table(
    "compounds",
    METADATA,
    Column("compound", String(8), primary_key=True),
    Column("name", String(100), nullable=False),
    # The newest number of its feed. Its row is the feed's lock.
    Column("number", BigInteger, nullable=False),
    # The number that an edge had beyond the newest here: this database was put back from a copy.
    Column("behind", BigInteger),
    Column("made_at", BigInteger, nullable=False),
)

EDGES: Final = Table(
    "edges",
    METADATA,
    Column("edge", String(80), primary_key=True),
    # How many events of this edge have come; the next one's number. Its row is the edge's lock.
    Column("arrivals", BigInteger, nullable=False),
    # None for an edge that sent events before it had a credential of its own.
    Column("compound", String(8)),
    Column("public_key", String(64)),
    Column("claimed_at", BigInteger),
    Column("revoked_at", BigInteger),
    # Up to which number of the feed it has proved to hold everything.
    Column("proof", BigInteger),
    Column("proof_at", BigInteger),
    Column("letter", BigInteger),
    Column("letters_at", BigInteger),
    Column("events_at", BigInteger),
    Index("edges_of_compound", "compound"),
)

# Codes that are good for one claim; only the hash of each is kept.
CLAIM_CODES: Final = Table(
    "claim_codes",
    METADATA,
    Column("digest", String(64), primary_key=True),
    # `edge`, or `staff` for the first account.
    Column("purpose", String(8), nullable=False),
    Column("compound", String(8)),
    Column("made_by", String(64), nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("edge", String(80)),
    Column("used_at", BigInteger),
)

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("edge", String(80), nullable=False),
    # The hash of the challenge that was answered, so that none is answered twice.
    Column("challenge", String(64), nullable=False, unique=True),
    Column("expires", BigInteger, nullable=False),
    Index("sessions_of_edge", "edge"),
)

# Unpartitioned, so that one unique key holds over all time: what makes an event count once.
RECEIVED: Final = Table(
    "received",
    METADATA,
    Column("edge", String(80), primary_key=True),
    Column("journal", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("row_hash", String(64), nullable=False),
    Column("before", String(64)),
)

# Partitioned by the month of receipt: an edge with a wrong clock cannot ask for partitions.
EVENTS: Final = Table(
    "events",
    METADATA,
    Column("edge", String(80), primary_key=True),
    Column("arrival", BigInteger, primary_key=True),
    Column("month", Integer, primary_key=True),
    Column("journal", String(64), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("row_hash", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("lane", SmallInteger),
    Column("body", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    # Whom the body names: a resident, a pass's host or a vehicle.
    Column("resident", String(64)),
    Index("events_of_resident", "resident", "at"),
    postgresql_partition_by="LIST (month)",
)

QUARANTINE: Final = Table(
    "quarantine",
    METADATA,
    Column("edge", String(80), primary_key=True),
    # SHA-256 of what came, so that the same row sent again is the same entry.
    Column("digest", String(64), primary_key=True),
    Column("journal", String(64)),
    Column("seq", BigInteger),
    Column("row_hash", String(64)),
    Column("why", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    CheckConstraint("length(digest) = 64", name="quarantine_digest"),
)

# What goes down to a compound's gates (models/feed.py), `body` as JSON without names of columns.
FEED: Final = Table(
    "feed",
    METADATA,
    Column("compound", String(8), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False),
    # Whom it is about, and which pass, photo or request; None where it is about neither.
    Column("resident", String(64)),
    Column("subject", String(64)),
    Index("feed_of_resident", "compound", "resident"),
    Index("feed_of_subject", "compound", "subject"),
)

# Which letters have come (models/letter.py); what they say is applied and not kept here.
LETTERS: Final = Table(
    "letters",
    METADATA,
    Column("edge", String(80), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("received_at", BigInteger, nullable=False),
)

# Letters that were put aside: none, or a number that is known with another hash.
STRAY_LETTERS: Final = Table(
    "stray_letters",
    METADATA,
    Column("edge", String(80), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("number", BigInteger),
    Column("why", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
)

# Tries at anything that can be guessed; `who` is hashed, so that no address is kept.
ATTEMPTS: Final = Table(
    "attempts",
    METADATA,
    Column("who", String(64), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("last", BigInteger, nullable=False),
    Index("attempts_by_age", "last"),
)

STAFF: Final = Table(
    "staff",
    METADATA,
    Column("name", String(64), primary_key=True),
    # `operator` changes things, `reader` looks.
    Column("role", String(16), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("closed", Boolean, nullable=False),
)

STAFF_SESSIONS: Final = Table(
    "staff_sessions",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("staff_sessions_of_name", "name"),
)
