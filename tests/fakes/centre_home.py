"""A centre with two homes and their gate, for tests of the residents' page."""

import atexit
import itertools
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI
from sqlalchemy import Engine, delete, insert, select, update

from central.compounds import add_compound
from central.database import migrate, open_database, reading, writing
from central.feed import tell
from central.front import front
from central.ledger import take_in
from central.moments import microseconds
from central.passes.secret import Secret
from central.register import Hand, apply
from central.register_tables import SITES
from central.tables import COMPOUNDS, EDGES, FEED, METADATA
from central.words import Arrival, Batch
from models.feed import PassKey
from models.home import Home
from models.lane import Credential, Direction, LaneKind
from models.letter import HomeClaim, LaneNow, ResidentNow, Said, SiteNow
from models.registry import ResidentKind

COMPOUND = "6b756168"
OTHER_COMPOUND = "0badf00d"
EDGE = "e" * 32
SITE_NAME = "跨湖嘉园"
START = datetime(2026, 11, 22, 2, tzinfo=UTC)
"""10:00 on a Sunday at the site."""
SECRET = Secret(bytes(range(32)))
HOME = Home(3, 1, 502)
NEIGHBOURS = Home(3, 1, 501)
BOTH = frozenset({Direction.ENTRY, Direction.EXIT})
LANES = (
    LaneNow(1, "东门人行", LaneKind.PEDESTRIAN, BOTH),
    LaneNow(2, "南门车行入口", LaneKind.VEHICLE, frozenset({Direction.ENTRY})),
    LaneNow(3, "南门车行出口", LaneKind.VEHICLE, frozenset({Direction.EXIT})),
    LaneNow(4, "车棚", LaneKind.SHED, BOTH),
)


def person(
    number: int, name: str, kind: ResidentKind = ResidentKind.OWNER, home: Home = HOME
) -> ResidentNow:
    """Return a resident as a gate tells of one."""
    return ResidentNow(f"{number:016x}", name, home, kind, None, frozenset(), face=False)


OWNER = person(1, "陈静")
HUSBAND = person(2, "李明", ResidentKind.FAMILY)
CHILD = replace(person(3, "小雨", ResidentKind.FAMILY), guardian=OWNER.resident_id)
TENANT = person(4, "周洋", ResidentKind.TENANT)
STRANGER = person(9, "赵强", home=NEIGHBOURS)


def claim_of(code: str, who: ResidentNow, expires: datetime) -> HomeClaim:
    """Return what the desk tells the centre of a code that it gave to somebody."""
    plain = code.replace("-", "").upper()
    return HomeClaim(sha256(f"kuahu claim {plain}".encode()).hexdigest(), who.resident_id, expires)


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        """Let time go by."""
        self.at += timedelta(**span)


@dataclass
class HomeCentre:
    """A centre, its pages, and the gate that tells it of its register."""

    engine: Engine
    clock: Clock
    app: FastAPI
    photo_key: ec.EllipticCurvePrivateKey
    _letters: "itertools.count[int]" = field(default_factory=lambda: itertools.count(100))

    def hear(self, *said: Said, compound: str = COMPOUND) -> None:
        """Let the gate's letters arrive."""
        with writing(self.engine) as connection:
            for each in said:
                hand = Hand(connection, EDGE, compound, self.clock(), next(self._letters))
                apply(hand, each)

    def catch_up(self) -> None:
        """Let the gate prove that it holds all of the feed."""
        number = self.newest()
        with writing(self.engine) as connection:
            connection.execute(update(EDGES).where(EDGES.c.edge == EDGE).values(proof=number))

    def told(self, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
        """Return what is on the feed for the gate, in order: kind and body."""
        with reading(self.engine) as connection:
            rows = connection.execute(
                select(FEED.c.kind, FEED.c.body)
                .where(FEED.c.compound == COMPOUND)
                .order_by(FEED.c.number)
            )
            both = [(kind, msgspec.json.decode(body)) for kind, body in rows]
        return [each for each in both if not kinds or each[0] in kinds]

    def newest(self) -> int:
        """Return the newest number of the feed."""
        with reading(self.engine) as connection:
            newest = select(COMPOUNDS.c.number).where(COMPOUNDS.c.compound == COMPOUND)
            return int(connection.execute(newest).scalar_one())

    def pass_by(self, resident: str, at: datetime, *, lane: int, **words: str) -> None:
        """Let the gate hand in that somebody was at a lane."""
        said = {"answer": "opened", "reason": "resident", "credential": "card"}
        body = {**said, **words, "direction": "entry", "resident": resident}
        seq = next(self._letters)
        row = Arrival(
            "0" * 32,
            seq,
            f"{seq:064x}",
            microseconds(at),
            "decision",
            lane,
            None,
            msgspec.json.encode(body).decode(),
            resident,
        )
        take_in(self.engine, Batch(EDGE, (row,)), self.clock())

    def dump(self) -> list[tuple[str, str]]:
        """Return every row of the database as text, with the table that it is in."""
        with reading(self.engine) as connection:
            return [
                (table.name, repr(tuple(row)))
                for table in METADATA.sorted_tables
                for row in connection.execute(select(table))
            ]

    def restarted(self, public_url: str = "") -> "HomeCentre":
        """Return the same centre after its program has been started again."""
        engine = open_database(self.engine.url.render_as_string(hide_password=False))
        app = front(engine, public_url, self.clock, SECRET)
        return HomeCentre(engine, self.clock, app, self.photo_key, self._letters)

    def site_now(self) -> SiteNow:
        """Return what the gate tells of the compound, its photo key among it."""
        point = self.photo_key.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return SiteNow(
            SITE_NAME, "Asia/Shanghai", LANES, point.hex(), sha256(point).hexdigest()[:16]
        )

    def forget_site(self) -> None:
        """Be a centre whose gate has told nothing of the compound yet."""
        with writing(self.engine) as connection:
            connection.execute(delete(SITES))

    def new_photo_key(self) -> None:
        """Let the gate make another photo key and tell it."""
        self.photo_key = ec.generate_private_key(ec.SECP256R1())
        self.hear(self.site_now())


def home_centre(database_url: str, public_url: str = "") -> HomeCentre:
    """Return a centre to which the gate has told two homes; nobody has claimed one yet."""
    clock, key = Clock(), ec.generate_private_key(ec.SECP256R1())
    file = database_url.removeprefix("sqlite:///")
    if file != database_url:
        shutil.copyfile(_template(), file)
    engine = open_database(database_url)
    centre = HomeCentre(engine, clock, front(engine, public_url, clock, SECRET), key)
    if file == database_url:
        _furnish(centre)
    centre.hear(centre.site_now())
    return centre


@cache
def _template() -> Path:
    """Return an SQLite file in which the gate has told its people: made once, then copied."""
    file = Path(tempfile.mkdtemp(prefix="kuahu-home-")) / "centre.db"
    atexit.register(shutil.rmtree, file.parent, ignore_errors=True)
    engine = open_database(f"sqlite:///{file}")
    key = ec.generate_private_key(ec.SECP256R1())
    _furnish(HomeCentre(engine, Clock(), FastAPI(), key, itertools.count(1)))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


def _furnish(centre: HomeCentre) -> None:
    migrate(centre.engine)
    with writing(centre.engine) as connection:
        add_compound(connection, COMPOUND, SITE_NAME, START)
        add_compound(connection, OTHER_COMPOUND, "别的小区", START)
        connection.execute(insert(EDGES).values(edge=EDGE, arrivals=0, compound=COMPOUND, proof=0))
        tell(connection, COMPOUND, PassKey(1, "00" * 32))
    centre.hear(OWNER, HUSBAND, CHILD, TENANT, STRANGER)


def with_choice(who: ResidentNow, *ways: Credential, face: bool = False) -> ResidentNow:
    """Return somebody who has chosen ways of entry, as a gate tells of them."""
    return replace(who, allowed=frozenset(ways), face=face)


def until(who: ResidentNow, day: date) -> ResidentNow:
    """Return somebody whose right of entry ends."""
    return replace(who, until=day)
