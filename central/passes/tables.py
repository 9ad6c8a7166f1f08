"""The tables of passes: what residents made, and which keys of the centre signed it.

Times are microseconds since 1970 UTC.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
)

from central.tables import METADATA

# One row: which secret this database belongs to, as a digest, and where it is kept here the secret.
PASS_SECRET: Final = Table(
    "pass_secret",
    METADATA,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("raw", String(64)),
)

# One row a compound: the kid that signs, and how often its rotation key was renewed.
PASS_RINGS: Final = Table(
    "pass_rings",
    METADATA,
    Column("compound", String(8), primary_key=True),
    Column("kid", SmallInteger, nullable=False),
    Column("rotation", Integer, nullable=False),
)

PASS_KEYS: Final = Table(
    "pass_keys",
    METADATA,
    Column("compound", String(8), primary_key=True),
    Column("kid", SmallInteger, primary_key=True, autoincrement=False),
    Column("ed25519", String(64), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("retired_at", BigInteger),
)

PASSES: Final = Table(
    "passes",
    METADATA,
    Column("pass_id", String(32), primary_key=True),
    Column("compound", String(8), nullable=False),
    Column("home", String(16), nullable=False),
    Column("host", String(16), nullable=False),
    Column("label", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("lanes", Text, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("weekly", Text),
    Column("rotating", Boolean, nullable=False),
    Column("plate", String(16)),
    Column("kid", SmallInteger, nullable=False),
    # Empty once the pass is over or revoked, so that the number may be given again.
    Column("pin", String(6)),
    Column("link_digest", String(64), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Index("passes_pin", "compound", "pin", unique=True),
    Index("passes_link", "link_digest", unique=True),
    Index("passes_home", "compound", "home", "expires"),
    Index("passes_expires", "expires"),
)
