"""The tables of the stay ledger, in register.db; all of them can be made again from the journal."""

from sqlalchemy import Column, Index, Integer, String, Table

from edge.store.tables import REGISTER

__all__ = ["REGISTER", "lane_count", "stay", "stay_zone"]

stay = Table(
    "stay",
    REGISTER,
    Column("id", Integer, primary_key=True),
    Column("zone", String, nullable=False),
    # A plate, or `pass:` or `resident:` with an id.
    Column("key", String, nullable=False),
    Column("guest", String, nullable=False),
    Column("home", String),
    Column("until", String),
    # The journal row of coming in; none for one who left without having come.
    Column("came", Integer),
    Column("since", String),
    Column("ended", String),
    Column("left", Integer),
    Column("at", String),
    Index("stay_key", "key"),
    Index("stay_open", "zone", "left"),
)

stay_zone = Table(
    "stay_zone",
    REGISTER,
    Column("zone", String, primary_key=True),
    Column("strangers", Integer, nullable=False),
    Column("loose", Integer, nullable=False),
    Column("gap", Integer, nullable=False),
)

lane_count = Table(
    "lane_count",
    REGISTER,
    Column("lane", Integer, primary_key=True),
    # The relay's count up to which the journal tells of everybody who went through.
    Column("epoch", String, nullable=False),
    Column("number", Integer, nullable=False),
)
