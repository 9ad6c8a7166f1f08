"""The tables of what goes between the register and the centre, in register.db."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from edge.store.tables import REGISTER

__all__ = [
    "REGISTER",
    "centre_key",
    "face_withdrawal",
    "guardian",
    "letter",
    "refusal",
    "register_change",
    "told",
]

letter = Table(
    "letter",
    REGISTER,
    Column("number", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    # Why the centre did not take it; None while it waits.
    Column("aside", String),
)

# Filled by triggers (migration 0008), in the COMMIT of the change itself, so that no way of
# changing the register can forget to tell of it; letters are made of it.
register_change = Table(
    "register_change",
    REGISTER,
    Column("kind", String, primary_key=True),
    Column("id", String, primary_key=True),
)

told = Table(
    "told",
    REGISTER,
    Column("id", Integer, primary_key=True),
    Column("epoch", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    # Whether the centre was told to be patient about it.
    Column("put_off", Boolean, nullable=False),
    Index("told_kind", "kind"),
)

centre_key = Table(
    "centre_key",
    REGISTER,
    Column("ed25519", String, primary_key=True),
    Column("kid", Integer, nullable=False),
    # A key that is retired stays known, so that no older word of the centre brings it back.
    Column("retired", Boolean, nullable=False),
)

face_withdrawal = Table(
    "face_withdrawal",
    REGISTER,
    Column("resident", String, primary_key=True),
    # Of the feed that told it; empty for one at the desk.
    Column("epoch", String, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("at", String, nullable=False),
)

guardian = Table(
    "guardian",
    REGISTER,
    Column("resident", String, ForeignKey("resident.id", ondelete="CASCADE"), primary_key=True),
    Column("guardian", String, nullable=False),
)

refusal = Table(
    "refusal",
    REGISTER,
    Column("resident", String, ForeignKey("resident.id", ondelete="CASCADE"), primary_key=True),
    Column("credential", String, primary_key=True),
)
