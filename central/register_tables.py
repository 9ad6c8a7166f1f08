"""What the gates have told of their register and passes, kept apart for each compound.

A row names the edge and the number of the letter that wrote it last, so that an older letter that
comes late changes nothing. A `gone` row is the mark that is left of what was taken off.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
)

from central.tables import METADATA

SITES: Final = Table(
    "sites",
    METADATA,
    Column("compound", String(8), primary_key=True),
    Column("edge", String(80), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("name", String(200), nullable=False),
    Column("timezone", String(64), nullable=False),
    # JSON: [{"number", "name", "kind", "directions": […]}, …]
    Column("lanes", Text, nullable=False),
    Column("photo_key", String(130), nullable=False),
    Column("photo_key_id", String(16), nullable=False),
)

RESIDENTS: Final = Table(
    "residents",
    METADATA,
    Column("compound", String(8), primary_key=True),
    Column("resident", String(64), primary_key=True),
    Column("edge", String(80), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("name", String(200)),
    # 3-1-502
    Column("home", String(16)),
    Column("kind", String(16)),
    Column("until", Date),
    # JSON: the ways of entry in order of the alphabet.
    Column("allowed", Text),
    Column("face", Boolean),
    Column("guardian", String(64)),
    Index("residents_of_home", "compound", "home"),
)

VEHICLES: Final = Table(
    "vehicles",
    METADATA,
    Column("compound", String(8), primary_key=True),
    Column("vehicle", String(64), primary_key=True),
    Column("edge", String(80), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("resident", String(64)),
    Column("plate", String(16)),
    Column("until", Date),
    Index("vehicles_of_resident", "compound", "resident"),
)

HOME_CLAIMS: Final = Table(
    "home_claims",
    METADATA,
    Column("compound", String(8), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("resident", String(64), nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("home_claims_by_digest", "digest"),
)

PHOTO_ANSWERS: Final = Table(
    "photo_answers",
    METADATA,
    Column("compound", String(8), primary_key=True),
    Column("photo", String(64), primary_key=True),
    Column("answer", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
)

PASS_USES: Final = Table(
    "pass_uses",
    METADATA,
    Column("edge", String(80), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("compound", String(8), nullable=False),
    Column("pass_id", String(64), nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("direction", String(8), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("opened", Boolean, nullable=False),
    Column("reason", String(64), nullable=False),
    Column("double", Boolean, nullable=False),
    Index("pass_uses_of_pass", "compound", "pass_id", "at"),
)

# Answers to requests of the feed: `erased` with its dates, `exported` with its document.
RECEIPTS: Final = Table(
    "receipts",
    METADATA,
    Column("compound", String(8), primary_key=True),
    Column("request", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    # None once the person is erased.
    Column("resident", String(64)),
    Column("at", BigInteger, nullable=False),
    Column("keys_expire", Date),
    Column("events", Integer),
    Column("document", Text),
    Index("receipts_of_resident", "compound", "resident"),
)

# Items of the feed that an edge did not apply; `number` is the item's.
NOT_APPLIED: Final = Table(
    "not_applied",
    METADATA,
    Column("edge", String(80), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("compound", String(8), nullable=False),
    Column("why", String(200), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("not_applied_of_compound", "compound", "number"),
)
