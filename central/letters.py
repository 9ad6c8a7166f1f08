"""Taking letters in: each counts once, and none is called safe before it is on the disk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError

from central.database import insert_new, writing
from central.moments import microseconds
from central.post import Posted, Stray
from central.register import Hand, apply
from central.sessions import Speaker
from central.tables import EDGES, LETTERS, STRAY_LETTERS
from models.letter import Erased

CONFLICT: Final = "this number is known with another hash"

Forget = Callable[[Connection, str, str], None]
"""Takes a resident (compound, id) out of one part's tables, in the caller's transaction."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """One letter that was put aside: it is shown, and is never safe."""

    index: int
    number: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a request achieved, told only once it is on the disk."""

    safe: tuple[int, ...]
    aside: tuple[Shelved, ...]


def take_letters(
    engine: Engine,
    speaker: Speaker,
    rows: Sequence[Posted | Stray],
    now: datetime,
    forget: Sequence[Forget],
) -> Receipt:
    """Apply what is new, lowest number first, and return what is safe, after the commit.

    A number that is known with the same hash is safe again; with another it is put aside. What is
    no letter is put aside too and holds up nothing. `forget` is run for whoever was erased.
    Raises CentreFault where the database fails; then nothing of the request was kept.
    """
    with writing(engine) as connection:
        connection.execute(
            select(EDGES.c.edge).where(EDGES.c.edge == speaker.edge).with_for_update()
        ).one()
        hand = Hand(connection, speaker.edge, speaker.compound, now)
        known = _known(connection, speaker.edge, rows)
        strays = [one for one in rows if isinstance(one, Stray)]
        safe: set[int] = set()
        numbered = [(n, one) for n, one in enumerate(rows) if isinstance(one, Posted)]
        for index, one in sorted(numbered, key=lambda each: each[1].number):
            if one.number not in known:
                why = _applied(hand, one, forget)
                if why is not None:
                    strays.append(Stray(index, one.number, one.digest, why))
                    continue
                known[one.number] = one.digest
            if known[one.number] == one.digest:
                safe.add(one.number)
            else:
                strays.append(Stray(index, one.number, one.digest, CONFLICT))
        _shelve(hand, strays)
        _note(hand, known)
    # A number that came with two hashes in one request says nothing about which was meant.
    safe -= {one.number for one in strays if one.why == CONFLICT and one.number is not None}
    aside = sorted(strays, key=lambda one: one.index)
    return Receipt(
        tuple(sorted(safe)), tuple(Shelved(one.index, one.number, one.why) for one in aside)
    )


def _known(connection: Connection, edge: str, rows: Sequence[Posted | Stray]) -> dict[int, str]:
    numbers = sorted({one.number for one in rows if isinstance(one, Posted)})
    chosen = select(LETTERS.c.number, LETTERS.c.hash).where(
        LETTERS.c.edge == edge, LETTERS.c.number.in_(numbers)
    )
    return {row.number: row.hash for row in connection.execute(chosen)}


def _applied(hand: Hand, one: Posted, forget: Sequence[Forget]) -> str | None:
    """Keep and apply a letter; return why that could not be, with nothing of it left."""
    hand = replace(hand, number=one.number)
    try:
        with hand.connection.begin_nested():
            hand.connection.execute(
                insert(LETTERS).values(
                    edge=hand.edge,
                    number=one.number,
                    hash=one.digest,
                    kind=one.kind,
                    received_at=microseconds(hand.now),
                )
            )
            apply(hand, one.said)
            if isinstance(one.said, Erased):
                for each in forget:
                    each(hand.connection, hand.compound, one.said.resident_id)
    except (DataError, IntegrityError):
        return "this centre's database cannot keep it"
    return None


def _shelve(hand: Hand, strays: Sequence[Stray]) -> None:
    rows = {
        one.digest: {
            "edge": hand.edge,
            "hash": one.digest,
            "number": one.number,
            "why": one.why,
            "received_at": microseconds(hand.now),
        }
        for one in strays
    }
    if rows:
        hand.connection.execute(
            insert_new(hand.connection, STRAY_LETTERS), [rows[key] for key in sorted(rows)]
        )


def _note(hand: Hand, known: dict[int, str]) -> None:
    if known:
        newest = max(known)
        hand.connection.execute(
            update(EDGES)
            .where(EDGES.c.edge == hand.edge, (EDGES.c.letter < newest) | EDGES.c.letter.is_(None))
            .values(letter=newest)
        )
    hand.connection.execute(
        update(EDGES).where(EDGES.c.edge == hand.edge).values(letters_at=microseconds(hand.now))
    )
