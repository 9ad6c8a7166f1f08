"""The centre's tables, the same on SQLite and PostgreSQL."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

METADATA: Final = MetaData()

EDGES: Final = Table(
    "edges",
    METADATA,
    Column("edge", String(80), primary_key=True),
    # How many events of this edge have come; the next one's number. Its row is the edge's lock.
    Column("arrivals", BigInteger, nullable=False),
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
