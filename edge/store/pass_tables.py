"""The tables of numeric codes, and of uses that other gate machines tell, in register.db."""

from sqlalchemy import Column, Float, Index, Integer, String, Table

from edge.store.tables import REGISTER

pass_pin = Table(
    "pass_pin",
    REGISTER,
    # The keyed hash of its digits, which are kept nowhere.
    Column("pin", String, primary_key=True),
    Column("pass_id", String, nullable=False),
    Index("pass_pin_pass", "pass_id", unique=True),
)

pin_lock = Table(
    "pin_lock",
    REGISTER,
    Column("lane", Integer, primary_key=True),
    # The start of the machine that the times below are counted from.
    Column("boot", String, nullable=False),
    # When wrong numbers were typed, as JSON.
    Column("wrong", String, nullable=False),
    Column("until", Float, nullable=False),
    Column("level", Integer, nullable=False),
)

use_elsewhere = Table(
    "use_elsewhere",
    REGISTER,
    Column("pass_id", String, primary_key=True),
    Column("edge", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    # A machine whose register came back from a backup may number other uses like these.
    Column("at", String, primary_key=True),
    Column("direction", String, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("allowed", Integer, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("expires", String, nullable=False),
)

use_heard = Table(
    "use_heard",
    REGISTER,
    # A machine's journal, and its event up to which all of the machine's uses are known here.
    Column("journal", String, primary_key=True),
    Column("upto", Integer, nullable=False),
)

double_use = Table(
    "double_use",
    REGISTER,
    Column("pass_id", String, primary_key=True),
    Column("expires", String, nullable=False),
)
