"""The way down: what is told to a compound's gates, each item under a number that only rises."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine, case, cast, func, insert, literal, select, update
from sqlalchemy.types import BigInteger, Float

from central.database import reading, writing
from central.feed_words import kind_of, wire_body
from central.moments import microseconds
from central.tables import CENTRE, COMPOUNDS, EDGES, FEED
from models.errors import InputError
from models.feed import (
    Choice,
    Erase,
    ExportWanted,
    FaceWithdrawn,
    Member,
    PassKey,
    PassMade,
    Revoked,
    RotationKey,
    SealedPhoto,
    Told,
    VehicleGiven,
    VehicleTaken,
)

MAX_ITEM: Final = 600 * 1024
"""Bytes of one item's body."""
MAX_ITEMS: Final = 200
MAX_ANSWER: Final = 1_000_000
"""Bytes of the bodies in one answer."""

MAX_NUMBER: Final = 2**52
"""No feed gets there, and there is room above it for numbers that every reader takes."""

_FIRST: Final = ("revoked", "face_withdrawn", "erase")
"""What stands before everything else in one answer, in this order."""
_JULIAN_1970: Final = 2440587.5
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: everything that was told after the asked number, up to `number`.

    `newest` is the newest number of the compound. `behind` says that this database was put back
    from a copy after the gates had been told more (docs/centre.md). `epoch` names the database.
    """

    number: int
    newest: int
    epoch: str
    items: tuple[msgspec.Raw, ...]
    behind: bool = False


def tell(connection: Connection, compound: str, told: Told) -> int:
    """Put `told` on the feed of `compound` and return its number.

    Belongs into the caller's own `writing` transaction: the item is there exactly when the rest
    is. Other writers to this compound's feed wait for that transaction's end, so do it late.
    Numbers rise with time, by the database's clock, even after it is put back from a copy.
    Raises InputError where there is no such compound or the item is longer than MAX_ITEM.
    """
    body = wire_body(told)
    if len(body) > MAX_ITEM:
        message = f"an item of {len(body)} bytes is longer than {MAX_ITEM}"
        raise InputError(message)
    now = _milliseconds(connection)
    number = connection.execute(
        update(COMPOUNDS)
        .where(COMPOUNDS.c.compound == compound)
        .values(number=case((COMPOUNDS.c.number < now, now), else_=COMPOUNDS.c.number + 1))
        .returning(COMPOUNDS.c.number)
    ).scalar_one_or_none()
    if number is None:
        message = f"there is no compound {compound!r} at this centre"
        raise InputError(message)
    resident, subject = _about(told)
    connection.execute(
        insert(FEED).values(
            compound=compound,
            number=number,
            kind=kind_of(type(told)),
            body=body.decode(),
            resident=resident,
            subject=subject,
        )
    )
    return int(number)


def page_after(engine: Engine, compound: str, after: int) -> Page:
    """Return what `compound` was told after number `after`, as much as one answer holds.

    Revocations, withdrawals and erasures come first, the others by number. Raises CentreFault.
    """
    with reading(engine) as connection:
        newest, marked = connection.execute(
            select(COMPOUNDS.c.number, COMPOUNDS.c.behind).where(COMPOUNDS.c.compound == compound)
        ).one()
        epoch = connection.execute(select(CENTRE.c.epoch)).scalar_one()
        # What is committed after the newest number was read has the next answer to itself.
        rows = connection.execute(
            select(FEED.c.number, FEED.c.kind, FEED.c.body, func.length(FEED.c.body))
            .where(FEED.c.compound == compound, FEED.c.number > after, FEED.c.number <= newest)
            .order_by(FEED.c.number)
            .limit(MAX_ITEMS + 1)
        )
        taken: list[tuple[int, str, str]] = []
        size, cut = 0, False
        for number, kind, body, length in rows:
            size += length
            if taken and (size > MAX_ANSWER or len(taken) == MAX_ITEMS):
                cut = True
                break
            taken.append((number, kind, body))
    number = taken[-1][0] if cut else max(newest, after)
    ordered = sorted(taken, key=lambda row: (_rank(row[1]), row[0]))
    items = tuple(_item(*row) for row in ordered)
    return Page(number, newest, epoch, items, marked is not None)


def acknowledge(engine: Engine, edge: str, compound: str, after: int, now: datetime) -> None:
    """Note that `edge` holds everything up to `after`.

    Where that is past all that this database ever told, the database was put back from a copy:
    the next numbers come after it, and the compound is marked. Raises InputError for a number
    that no feed has, and CentreFault.
    """
    if after > MAX_NUMBER:
        message = f"no feed has a number {after}"
        raise InputError(message)
    with writing(engine) as connection:
        connection.execute(
            update(EDGES)
            .where(EDGES.c.edge == edge)
            .values(proof=after, proof_at=microseconds(now))
        )
        connection.execute(
            update(COMPOUNDS)
            .where(COMPOUNDS.c.compound == compound, COMPOUNDS.c.number < after)
            .values(number=after, behind=after)
        )


def newest_numbers(engine: Engine) -> dict[str, int]:
    """Return the newest number of each compound's feed. Raises CentreFault."""
    with reading(engine) as connection:
        rows = connection.execute(select(COMPOUNDS.c.compound, COMPOUNDS.c.number))
        return {compound: number for compound, number in rows}  # noqa: C416 - rows are no pairs


def _milliseconds(connection: Connection) -> object:
    """Return the SQL for the milliseconds since 1970, by the database's clock."""
    if connection.dialect.name == "postgresql":
        return cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)
    days = cast(func.julianday("now"), Float) - literal(_JULIAN_1970)
    return cast(days * _DAY_MS, BigInteger)


def _rank(kind: str) -> int:
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def _item(number: int, kind: str, body: str) -> msgspec.Raw:
    return msgspec.Raw(
        msgspec.json.encode({"number": number, "kind": kind, "body": msgspec.Raw(body.encode())})
    )


def _about(told: Told) -> tuple[str | None, str | None]:
    """Return whom an item is about, and which pass, photo or request."""
    match told:
        case Revoked():
            return None, told.pass_id
        case PassMade():
            return told.host, told.pass_id
        case SealedPhoto():
            return told.resident_id, told.photo_id
        case Erase() | ExportWanted():
            return told.resident_id, told.request_id
        case FaceWithdrawn() | Choice() | Member() | VehicleGiven() | VehicleTaken():
            return told.resident_id, None
        case PassKey() | RotationKey():
            return None, None
