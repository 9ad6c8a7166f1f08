"""What the residents' page keeps of its own; times are microseconds since 1970 UTC.

The register itself is the gates' (central/register_tables.py).
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from central.tables import METADATA

# A browser that has claimed a home; of its secret only the hash is kept.
HOME_SESSIONS: Final = Table(
    "home_sessions",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("compound", String(8), nullable=False),
    Column("resident", String(64), nullable=False),
    # What sort of device it is, in two words, as its owner tells it from others.
    Column("device", String(60), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Index("home_sessions_of_resident", "compound", "resident"),
)

CONSENTS: Final = Table(
    "consents",
    METADATA,
    Column("consent", String(32), primary_key=True),
    Column("compound", String(8), nullable=False),
    Column("resident", String(64), nullable=False),
    Column("credential", String(16), nullable=False),
    Column("version", String(40), nullable=False),
    Column("language", String(8), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("by", String(64), nullable=False),
    Column("guardian", String(64)),
    Column("withdrawn_at", BigInteger),
    Index("consents_of_resident", "compound", "resident"),
)

# Photos that were sent; the photo itself is never here, sealed or not.
PHOTOS: Final = Table(
    "photos",
    METADATA,
    Column("compound", String(8), primary_key=True),
    Column("photo", String(32), primary_key=True),
    Column("resident", String(64), nullable=False),
    # Its number on the feed.
    Column("number", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    # Set when it was taken back before it was answered.
    Column("dropped_at", BigInteger),
    Index("photos_of_resident", "compound", "resident", "at"),
)

# What a household asked of its gates and may not yet stand in their register.
WISHES: Final = Table(
    "wishes",
    METADATA,
    Column("compound", String(8), primary_key=True),
    # Its number on the feed.
    Column("number", BigInteger, primary_key=True),
    Column("home", String(16), nullable=False),
    Column("resident", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("wishes_of_home", "compound", "home", "at"),
)

# Exports and erasures that were asked for; a receipt outlives the person and names nobody.
REQUESTS: Final = Table(
    "requests",
    METADATA,
    Column("request", String(32), primary_key=True),
    Column("compound", String(8), nullable=False),
    Column("resident", String(64)),
    Column("kind", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("requests_of_resident", "compound", "resident"),
)

# Up to which of an edge's events the names have been taken out: they were received too long ago.
NAME_MARKS: Final = Table(
    "name_marks",
    METADATA,
    Column("edge", String(80), primary_key=True),
    Column("arrival", BigInteger, nullable=False),
)
