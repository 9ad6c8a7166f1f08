"""What the centre has told, saved before it is acknowledged and kept until it is dealt with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Select, case, delete, func, insert, select, true, update
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store import letters, marks
from edge.store.body import clock_of, clock_text
from edge.store.centre_tables import centre_key, face_withdrawal, told
from edge.store.letters import EPOCH
from edge.store.tables import issued
from models.letter import NotApplied

NUMBER = "feed_number"
BEHIND = "feed_behind"
REFUSED = "feed_refused"
PHOTO = "sealed_photo"
FIRST = ("revoked", "face_withdrawn", "erase")
"""What is dealt with before everything else, in this order."""


class Item(Protocol):
    """One thing that the centre tells, not looked into yet."""

    @property
    def number(self) -> int:
        """Return its number."""

    @property
    def kind(self) -> str:
        """Return what it is called."""

    @property
    def body(self) -> bytes:
        """Return what it says, as JSON."""


@dataclass(frozen=True, slots=True)
class Position:
    """Up to where a feed is saved here; `epoch` is None before there was any."""

    epoch: str | None
    number: int
    behind: bool = False
    refused: int = 0
    """How many items could not be used so far."""


@dataclass(frozen=True, slots=True)
class ToldRow:
    """An item that is saved and not dealt with yet."""

    row: int
    epoch: str
    number: int
    kind: str
    body: bytes
    put_off: bool


def position(connection: Connection) -> Position:
    """Return up to where the feed is saved."""
    return Position(
        marks.read(connection, EPOCH),
        marks.read_number(connection, NUMBER),
        marks.read(connection, BEHIND) is not None,
        marks.read_number(connection, REFUSED),
    )


def begin(connection: Connection, epoch: str) -> None:
    """Follow another feed from its start; what was told before stays, and all is told of anew."""
    if marks.read(connection, EPOCH) != epoch:
        marks.write(connection, EPOCH, epoch)
        marks.write(connection, NUMBER, "0")
        letters.tell_all(connection)


def save(connection: Connection, epoch: str, number: int, items: Sequence[Item]) -> int:
    """Save items up to `number` and return how many were new.

    Nothing is saved that was saved before, of another feed, or that would lead back.
    """
    here = position(connection)
    if epoch != here.epoch or number <= here.number:
        return 0
    fresh = [
        {
            "epoch": epoch,
            "number": one.number,
            "kind": one.kind,
            "body": one.body,
            "put_off": False,
        }
        for one in items
        if here.number < one.number <= number
    ]
    if fresh:
        connection.execute(insert(told), fresh)
    marks.write(connection, NUMBER, str(number))
    return len(fresh)


def note_behind(connection: Connection, *, behind: bool) -> bool:
    """Note whether the centre was put back from a copy; True where that is news.

    It has forgotten letters then, so all is told of anew.
    """
    was = marks.read(connection, BEHIND) is not None
    if behind and not was:
        marks.write(connection, BEHIND, "1")
        letters.tell_all(connection)
    elif was and not behind:
        marks.forget(connection, BEHIND)
    return behind and not was


def waiting(connection: Connection, limit: int = 50) -> tuple[ToldRow, ...]:
    """Return what is to be dealt with but photos: what takes away rights first."""
    rank = case({kind: place for place, kind in enumerate(FIRST)}, value=told.c.kind, else_=9)
    chosen = select(told).where(told.c.kind != PHOTO).order_by(rank, told.c.id).limit(limit)
    return _rows(connection, chosen)


def photos(connection: Connection, limit: int = 4) -> tuple[ToldRow, ...]:
    """Return the photos that wait and that nothing told before them waits for, the oldest first.

    Whoever was brought on the register just before must be there when the photo is looked at.
    """
    first = select(func.min(told.c.id)).where(told.c.kind != PHOTO).scalar_subquery()
    ready = (told.c.kind == PHOTO, func.coalesce(told.c.id < first, true()))
    return _rows(connection, select(told).where(*ready).order_by(told.c.id).limit(limit))


def _rows(connection: Connection, chosen: Select[Any]) -> tuple[ToldRow, ...]:
    return tuple(
        ToldRow(row.id, row.epoch, row.number, row.kind, row.body, row.put_off)
        for row in connection.execute(chosen)
    )


def count(connection: Connection) -> int:
    """Return how many items wait."""
    return connection.execute(select(func.count()).select_from(told)).scalar_one()


def done(connection: Connection, row: int) -> None:
    """Let an item go that was dealt with; a photo's bytes are written over first."""
    connection.execute(update(told).where(told.c.id == row).values(body=b""))
    connection.execute(delete(told).where(told.c.id == row))


def put_off(connection: Connection, row: int) -> None:
    """Note that the centre was told to be patient about an item."""
    connection.execute(update(told).where(told.c.id == row).values(put_off=True))


def refuse(connection: Connection, one: ToldRow, why: str) -> None:
    """Let an item go that cannot be used: it is counted, and the centre is told why."""
    marks.count(connection, REFUSED)
    letters.say(connection, NotApplied(one.number, why))
    done(connection, one.row)


def refuse_unread(connection: Connection, number: int) -> None:
    """Count `number` items that have not even a number."""
    marks.count(connection, REFUSED, number)


def forget(connection: Connection) -> None:
    """Forget the feed: there is no centre any more. What it took away stays taken away."""
    marks.forget(connection, EPOCH, NUMBER, BEHIND, REFUSED)
    connection.execute(delete(told))
    letters.forget(connection)


def is_noted(connection: Connection, pass_id: str) -> bool:
    """Return whether a pass was written down here."""
    query = select(issued.c.pass_id).where(issued.c.pass_id == pass_id)
    return connection.execute(query).first() is not None


def keys(connection: Connection) -> dict[int, str]:
    """Return the centre's keys for passes that are in force, in hex, by kid."""
    rows = connection.execute(select(centre_key).where(centre_key.c.retired.is_(False)))
    return {row.kid: row.ed25519 for row in rows}


def retired(connection: Connection, ed25519: str) -> bool:
    """Return whether a key was retired once."""
    row = connection.execute(
        select(centre_key.c.retired).where(centre_key.c.ed25519 == ed25519)
    ).first()
    return row is not None and row.retired


def put_key(connection: Connection, kid: int, ed25519: str | None) -> None:
    """Believe a key of the centre under `kid`, or with None retire the one that is there."""
    if ed25519 is None:
        there = update(centre_key).where(centre_key.c.kid == kid)
        connection.execute(there.values(retired=True))
    else:
        row = upsert(centre_key).values(kid=kid, ed25519=ed25519, retired=False)
        connection.execute(row.on_conflict_do_nothing())


def note_withdrawal(
    connection: Connection, resident_id: str, at: datetime, told_by: tuple[str, int] = ("", 0)
) -> None:
    """Note that a face was taken back, by which item of which feed if by any."""
    epoch, number = told_by
    values = {"number": number, "at": clock_text(at)}
    row = upsert(face_withdrawal).values(resident=resident_id, epoch=epoch, **values)
    again = row.on_conflict_do_update(index_elements=["resident", "epoch"], set_=values)
    connection.execute(again)


def is_withdrawn(
    connection: Connection, resident_id: str, told_by: tuple[str, int], given: datetime
) -> bool:
    """Return whether a face was taken back after an item that gave it, by a consent of `given`.

    Of one feed the numbers say so; otherwise the times do, in doubt for the withdrawal.
    """
    epoch, number = told_by
    rows = connection.execute(
        select(face_withdrawal).where(face_withdrawal.c.resident == resident_id)
    )
    return any(
        number <= row.number if row.epoch == epoch else given <= clock_of(row.at) for row in rows
    )
