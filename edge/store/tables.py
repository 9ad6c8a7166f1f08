"""The tables of the three files. Times are UTC text with microseconds, which sorts as it reads."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

REGISTER = MetaData()
"""People, passes, journal and outbox: register.db."""
BIOMETRICS = MetaData()
"""Encrypted templates under random ids: biometrics.db."""
KEYRING = MetaData()
"""Wrapped keys and tombstones: keyring/keyring.db."""

state = Table(
    "state",
    REGISTER,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

resident = Table(
    "resident",
    REGISTER,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("building", Integer, nullable=False),
    Column("unit", Integer, nullable=False),
    Column("room", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("until", String),
    Column("added", String, nullable=False),
    # The only link from a person to a face: no other file knows the person.
    Column("face", String, unique=True),
    # 1 for a person who is never asked for a movement.
    Column("second_factor", Integer, nullable=False, server_default="0"),
)

consent = Table(
    "consent",
    REGISTER,
    Column("id", Integer, primary_key=True),
    Column("resident", String, ForeignKey("resident.id", ondelete="CASCADE"), nullable=False),
    Column("version", String, nullable=False),
    Column("at", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("by", String, nullable=False),
    Column("guardian", String),
    Column("withdrawn", String),
    # What was agreed to: to be known by face, or that passages may be learnt from.
    Column("purpose", String, nullable=False, server_default="face"),
    Index("consent_resident", "resident"),
)

tombstone = Table(
    "tombstone",
    REGISTER,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("at", String, nullable=False),
)

account = Table(
    "account",
    REGISTER,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("added", String, nullable=False),
)

issued = Table(
    "issued",
    REGISTER,
    Column("pass_id", String, primary_key=True),
    Column("host", String, nullable=False),
    Column("claims", LargeBinary, nullable=False),
    Column("label", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
    Column("expires", String),
    Index("issued_host", "host"),
)

revoked = Table(
    "revoked",
    REGISTER,
    Column("pass_id", String, primary_key=True),
    Column("at", String, nullable=False),
    # None for a pass of another issuer that was revoked before it was ever used here.
    Column("expires", String),
)

pass_use = Table(
    "pass_use",
    REGISTER,
    Column("pass_id", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("direction", String, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("boot", String, nullable=False),
    Column("at_mono", Float, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("event", Integer, nullable=False),
    Column("expires", String),
    # From here on None for a use from before gate machines told each other of theirs.
    Column("at", String),
    Column("kind", String),
    Column("allowed", Integer),
    # 1 once a barrier has opened for it.
    Column("opened", Integer, nullable=False, server_default="0"),
    # The newest event that other gate machines should hear of.
    Column("changed", Integer),
    Index("pass_use_changed", "changed"),
)

vehicle = Table(
    "vehicle",
    REGISTER,
    Column("id", String, primary_key=True),
    Column("plate", String, nullable=False, unique=True),
    Column("building", Integer, nullable=False),
    Column("unit", Integer, nullable=False),
    Column("room", Integer, nullable=False),
    Column("until", String),
    Column("resident", String, ForeignKey("resident.id", ondelete="CASCADE")),
    Column("label", String, nullable=False),
    Column("by", String, nullable=False),
    Column("added", String, nullable=False),
    Index("vehicle_resident", "resident"),
)

restriction = Table(
    "restriction",
    REGISTER,
    Column("id", String, primary_key=True),
    Column("plate", String, nullable=False),
    Column("basis", String, nullable=False),
    Column("by", String, nullable=False),
    Column("second", String),
    # Numbers with commas between them; empty for every lane.
    Column("lanes", String, nullable=False),
    Column("until", String, nullable=False),
    Column("added", String, nullable=False),
    Index("restriction_plate", "plate"),
)

car_passage = Table(
    "car_passage",
    REGISTER,
    Column("event", Integer, primary_key=True),
    Column("plate", String, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("direction", String, nullable=False),
    Column("state", String, nullable=False),
    Column("boot", String, nullable=False),
    Column("at_mono", Float, nullable=False),
    Column("at", String, nullable=False),
    Index("car_passage_plate", "plate", "event"),
)

card = Table(
    "card",
    REGISTER,
    Column("id", String, primary_key=True),
    # The number's keyed hash; the number itself is kept nowhere.
    Column("number", String, nullable=False, unique=True),
    Column("resident", String, ForeignKey("resident.id", ondelete="CASCADE"), nullable=False),
    Column("label", String, nullable=False),
    Column("until", String),
    Column("by", String, nullable=False),
    Column("added", String, nullable=False),
    Index("card_resident", "resident"),
)

plate_pass = Table(
    "plate_pass",
    REGISTER,
    Column("pass_id", String, primary_key=True),
    Column("plate", String, nullable=False),
    Index("plate_pass_plate", "plate"),
)

event = Table(
    "event",
    REGISTER,
    Column("seq", Integer, primary_key=True),
    Column("journal", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", String, nullable=False),
    Column("trust", String, nullable=False),
    Column("lane", Integer),
    Column("direction", String),
    Column("credential", String),
    Column("answer", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("answers", Integer),
    Column("ms", Integer),
    Column("policy", String),
    Column("digest", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("event_answers", "answers"),
)

personal = Table(
    "personal",
    REGISTER,
    Column("seq", Integer, primary_key=True),
    Column("person", String),
    Column("salt", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("evidence", Boolean, nullable=False),
    Index("personal_person", "person"),
)

intent = Table(
    "intent",
    REGISTER,
    Column("cmd_id", String, primary_key=True),
    Column("event", Integer, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("relay", String, nullable=False),
    Column("action", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("deadline", Float, nullable=False),
    # The use that the opening spends, so that a late "done" of an earlier try still spends it.
    Column("pass_id", String),
    Column("use", Integer),
    Column("outcome", String),
    Index("intent_open", "outcome"),
)

relay_seq = Table(
    "relay_seq",
    REGISTER,
    Column("relay", String, primary_key=True),
    Column("seq", Integer, nullable=False),
)

outbox = Table(
    "outbox",
    REGISTER,
    Column("seq", Integer, primary_key=True),
    Column("journal", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("at", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("lane", Integer),
    Column("priority", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("quarantined", String),
    Index("outbox_order", "priority", "seq"),
)

head = Table(
    "head",
    REGISTER,
    Column("seq", Integer, primary_key=True),
    Column("journal", String, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("at", String, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

energy = Table(
    "energy",
    REGISTER,
    # The site's own calendar day, and the zone's id in the site file.
    Column("day", String, primary_key=True),
    Column("zone", String, primary_key=True),
    Column("metered", Float, nullable=False),
    Column("estimated", Float, nullable=False),
    Column("baseline", Float, nullable=False),
    Column("paid", Float, nullable=False),
    Column("baseline_paid", Float, nullable=False),
)

template = Table(
    "template",
    BIOMETRICS,
    Column("face", String, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("engine", String, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("box", LargeBinary, nullable=False),
)

key = Table(
    "key",
    KEYRING,
    Column("face", String, primary_key=True),
    Column("nonce", LargeBinary, nullable=False),
    Column("box", LargeBinary, nullable=False),
)

erased = Table(
    "erased",
    KEYRING,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("at", String, nullable=False),
)

seal = Table(
    "seal",
    KEYRING,
    Column("id", Integer, primary_key=True),
    Column("nonce", LargeBinary, nullable=False),
    Column("box", LargeBinary, nullable=False),
)
