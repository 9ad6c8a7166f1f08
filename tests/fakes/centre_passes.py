"""A centre with one compound and a household that invites, for tests of passes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import Connection, Engine, insert, select

from central.compounds import add_compound
from central.database import migrate, open_database, writing
from central.passes.order import Host, Order
from central.passes.secret import Secret
from central.register_tables import SITES
from central.tables import FEED
from models.home import Home
from models.visit import PassKind, Weekly

SECRET = Secret(bytes(range(32)))
COMPOUND = "a1b2c3d4"
HOME = Home(3, 1, 502)
HOST = Host(COMPOUND, HOME, "1011121314151617")
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
"""16:00 on a Saturday at the site."""
SITE_NAME = "跨湖花园"
LANES = (
    {"number": 1, "name": "东门人行", "kind": "pedestrian", "directions": ["entry", "exit"]},
    {"number": 2, "name": "南门车行", "kind": "vehicle", "directions": ["entry", "exit"]},
)
AFTERNOONS = Weekly(frozenset({0, 2, 5}), 14 * 60, 18 * 60)


def order(kind: PassKind = PassKind.SINGLE, **changes: object) -> Order:
    """Return an order that breaks no rule, of six hours, with `changes`."""
    plain = Order("送沙发", kind, NOW, NOW + timedelta(hours=6))
    if kind is PassKind.RECURRING:
        plain = replace(plain, expires=NOW + timedelta(days=200), uses=500, weekly=AFTERNOONS)
    return replace(plain, **changes)


def centre(database_url: str) -> Engine:
    """Return the engine of a migrated centre whose compound has told what it is."""
    engine = open_database(database_url)
    migrate(engine)
    with writing(engine) as connection:
        add_compound(connection, COMPOUND, SITE_NAME, NOW)
        tell_site(connection)
    return engine


def tell_site(connection: Connection) -> None:
    """Let the compound's name, zone and lanes be known, as its edge tells them."""
    connection.execute(
        insert(SITES),
        {
            "compound": COMPOUND,
            "edge": "e" * 32,
            "number": 1,
            "name": SITE_NAME,
            "timezone": "Asia/Shanghai",
            "lanes": msgspec.json.encode(LANES).decode(),
            "photo_key": "04" + "00" * 64,
            "photo_key_id": "0" * 16,
        },
    )


def told(connection: Connection) -> list[tuple[str, dict[str, object]]]:
    """Return what the compound's gates were told, in order: kind and body."""
    rows = connection.execute(select(FEED.c.kind, FEED.c.body).order_by(FEED.c.number))
    return [(kind, msgspec.json.decode(body)) for kind, body in rows]
