"""What the centre can say of an edge's events: the events in order, and what is missing or odd."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine, func, select

from central.database import reading
from central.moments import moment
from central.tables import EVENTS, QUARANTINE, RECEIVED
from central.words import FORK

MAX_LISTED: Final = 1000
"""Entries of each sort in one answer; `more` says that there are others."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One event as it is told; `arrival` is its number among the events of its edge here."""

    arrival: int
    journal: str
    seq: int
    row_hash: str
    at: datetime
    kind: str
    lane: int | None
    received_at: datetime
    body: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Journal:
    """One journal of an edge: what has come of it, and which runs of numbers have not."""

    journal: str
    last: int
    count: int
    missing: tuple[tuple[int, int], ...]
    breaks: tuple[int, ...]
    """Numbers whose row does not follow the row before it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One row that was put aside."""

    journal: str | None
    seq: int | None
    row_hash: str | None
    why: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Gaps:
    """All that is missing or odd about one edge; `more` where a list was cut short."""

    edge: str
    journals: tuple[Journal, ...]
    forks: tuple[Kept, ...]
    quarantined: tuple[Kept, ...]
    more: bool


def events_after(engine: Engine, edge: str, after: int, limit: int) -> tuple[Stored, ...]:
    """Return up to `limit` events of `edge` with arrival above `after`, in order of arrival.

    Arrivals of one edge are numbered without holes in the order of commits, so that a reader who
    goes on from the last one it saw misses none. Raises CentreFault.
    """
    chosen = (
        select(EVENTS)
        .where(EVENTS.c.edge == edge, EVENTS.c.arrival > after)
        .order_by(EVENTS.c.arrival)
        .limit(limit)
    )
    with reading(engine) as connection:
        rows = connection.execute(chosen).all()
    return tuple(
        Stored(
            arrival=row.arrival,
            journal=row.journal,
            seq=row.seq,
            row_hash=row.row_hash,
            at=moment(row.at),
            kind=row.kind,
            lane=row.lane,
            received_at=moment(row.received_at),
            body=msgspec.Raw(row.body.encode()),
        )
        for row in rows
    )


def gaps_of(engine: Engine, edge: str) -> Gaps:
    """Return what of `edge` is missing, forked, broken or put aside. Raises CentreFault.

    A missing run may still be on its way: urgent events overtake a backlog.
    """
    with reading(engine) as connection:
        missing, more_missing = _missing(connection, edge)
        breaks, more_breaks = _breaks(connection, edge)
        kept, more_kept = _kept(connection, edge)
        counted = (
            select(RECEIVED.c.journal, func.max(RECEIVED.c.seq), func.count())
            .where(RECEIVED.c.edge == edge)
            .group_by(RECEIVED.c.journal)
            .order_by(RECEIVED.c.journal)
        )
        journals = tuple(
            Journal(
                journal,
                last,
                count,
                tuple((first, final) for name, first, final in missing if name == journal),
                tuple(seq for name, seq in breaks if name == journal),
            )
            for journal, last, count in connection.execute(counted)
        )
    return Gaps(
        edge,
        journals,
        tuple(one for one in kept if one.why == FORK),
        tuple(one for one in kept if one.why != FORK),
        more_missing or more_breaks or more_kept,
    )


def _missing(connection: Connection, edge: str) -> tuple[list[tuple[str, int, int]], bool]:
    before = func.lag(RECEIVED.c.seq, 1, 0).over(
        partition_by=RECEIVED.c.journal, order_by=RECEIVED.c.seq
    )
    steps = (
        select(RECEIVED.c.journal, RECEIVED.c.seq, before.label("before"))
        .where(RECEIVED.c.edge == edge)
        .subquery()
    )
    chosen = (
        select(steps.c.journal, steps.c.before + 1, steps.c.seq - 1)
        .where(steps.c.seq - steps.c.before > 1)
        .order_by(steps.c.journal, steps.c.seq)
        .limit(MAX_LISTED + 1)
    )
    rows = [(name, first, final) for name, first, final in connection.execute(chosen)]
    return rows[:MAX_LISTED], len(rows) > MAX_LISTED


def _breaks(connection: Connection, edge: str) -> tuple[list[tuple[str, int]], bool]:
    earlier = RECEIVED.alias("earlier")
    chosen = (
        select(RECEIVED.c.journal, RECEIVED.c.seq)
        .join(
            earlier,
            (earlier.c.edge == RECEIVED.c.edge)
            & (earlier.c.journal == RECEIVED.c.journal)
            & (earlier.c.seq == RECEIVED.c.seq - 1),
        )
        .where(RECEIVED.c.edge == edge, RECEIVED.c.before != earlier.c.row_hash)
        .order_by(RECEIVED.c.journal, RECEIVED.c.seq)
        .limit(MAX_LISTED + 1)
    )
    rows = [(name, seq) for name, seq in connection.execute(chosen)]
    return rows[:MAX_LISTED], len(rows) > MAX_LISTED


def _kept(connection: Connection, edge: str) -> tuple[list[Kept], bool]:
    chosen = (
        select(QUARANTINE)
        .where(QUARANTINE.c.edge == edge)
        .order_by(QUARANTINE.c.received_at.desc(), QUARANTINE.c.digest)
        .limit(MAX_LISTED + 1)
    )
    rows = [
        Kept(row.journal, row.seq, row.row_hash, row.why, moment(row.received_at))
        for row in connection.execute(chosen)
    ]
    return rows[:MAX_LISTED], len(rows) > MAX_LISTED
