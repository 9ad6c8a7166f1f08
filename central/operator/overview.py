"""What an operator sees: each compound's edges, how far each has come, and what is odd."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, delete, func, select, update

from central.database import reading
from central.moments import moment
from central.register_tables import NOT_APPLIED, RESIDENTS
from central.reports import Gaps, gaps_of
from central.resident.site import site_of
from central.tables import COMPOUNDS, EDGES, FEED, QUARANTINE, STRAY_LETTERS
from central.words import FORK

SILENCE: Final = timedelta(minutes=10)
"""An edge asks for its feed at least twice a minute; one that has not for so long is away."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One edge: its last proofs, and how much of it was put aside."""

    edge: str
    revoked_at: datetime | None
    claimed_at: datetime | None
    proof_at: datetime | None
    """When it last proved what it holds of the feed; None where it never has."""
    backlog: int
    """Items of the feed that it has not proved to hold."""
    events: int
    events_at: datetime | None
    letters_at: datetime | None
    forks: int
    aside: int
    strays: int

    @property
    def last(self) -> datetime | None:
        """When it was last heard of."""
        times = (self.proof_at, self.events_at, self.letters_at)
        return max((one for one in times if one is not None), default=None)

    def away(self, now: datetime) -> bool:
        """Return whether it is let in and has been silent for too long."""
        since = self.last or self.claimed_at
        return self.revoked_at is None and (since is None or now - since > SILENCE)


@dataclass(frozen=True, slots=True)
class Compound:
    """One compound; `behind` says that this centre was put back from a copy since."""

    compound: str
    name: str
    zone: ZoneInfo
    """Its own clock, as its gate told it."""
    behind: bool
    residents: int
    not_applied: int
    edges: tuple[Seen, ...]

    @property
    def live(self) -> tuple[Seen, ...]:
        """The edges that are let in."""
        return tuple(one for one in self.edges if one.revoked_at is None)

    @property
    def last(self) -> datetime | None:
        """When any of its edges was last heard of."""
        return max((one.last for one in self.live if one.last is not None), default=None)

    @property
    def strays(self) -> int:
        """Letters that were put aside."""
        return sum(one.strays for one in self.edges)

    def odd(self, now: datetime) -> int:
        """Return how much there is that somebody has to look into."""
        aside = sum(one.forks + one.aside for one in self.edges) + self.strays
        return aside + self.behind + sum(one.away(now) for one in self.edges)


def compounds(engine: Engine, only: str | None = None) -> tuple[Compound, ...]:
    """Return every compound by name, or only one. Raises CentreFault."""
    chosen = select(COMPOUNDS).order_by(COMPOUNDS.c.name, COMPOUNDS.c.compound)
    if only is not None:
        chosen = chosen.where(COMPOUNDS.c.compound == only)
    with reading(engine) as connection:
        return tuple(
            Compound(
                compound=row.compound,
                name=row.name,
                zone=site_of(connection, row.compound).zone,
                behind=row.behind is not None,
                residents=_count(connection, RESIDENTS, row.compound, RESIDENTS.c.gone.is_(False)),
                not_applied=_count(connection, NOT_APPLIED, row.compound),
                edges=_edges(connection, row.compound),
            )
            for row in connection.execute(chosen).all()
        )


def gaps(engine: Engine, compound: Compound) -> tuple[Gaps, ...]:
    """Return what is missing, forked or broken at each edge. Raises CentreFault."""
    return tuple(gaps_of(engine, one.edge) for one in compound.edges)


def acknowledge_behind(connection: Connection, compound: str) -> None:
    """Take the mark back that this centre was put back from a copy."""
    connection.execute(
        update(COMPOUNDS).where(COMPOUNDS.c.compound == compound).values(behind=None)
    )


def drop_oddities(connection: Connection, compound: str) -> None:
    """Forget letters that were put aside, once somebody has looked into them."""
    mine = select(EDGES.c.edge).where(EDGES.c.compound == compound)
    connection.execute(delete(STRAY_LETTERS).where(STRAY_LETTERS.c.edge.in_(mine)))


def _edges(connection: Connection, compound: str) -> tuple[Seen, ...]:
    rows = connection.execute(
        select(EDGES).where(EDGES.c.compound == compound).order_by(EDGES.c.claimed_at.desc())
    ).all()
    return tuple(
        Seen(
            edge=row.edge,
            revoked_at=_time(row.revoked_at),
            claimed_at=_time(row.claimed_at),
            proof_at=_time(row.proof_at),
            backlog=_count(connection, FEED, compound, FEED.c.number > (row.proof or 0)),
            events=row.arrivals,
            events_at=_time(row.events_at),
            letters_at=_time(row.letters_at),
            forks=_odd(connection, row.edge, QUARANTINE.c.why == FORK),
            aside=_odd(connection, row.edge, QUARANTINE.c.why != FORK),
            strays=_strays(connection, row.edge),
        )
        for row in rows
    )


def _count(connection: Connection, table, compound: str, *conditions) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN002 - tables and conditions of SQLAlchemy
    chosen = select(func.count()).where(table.c.compound == compound, *conditions)
    return int(connection.execute(chosen).scalar_one())


def _odd(connection: Connection, edge: str, which) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    chosen = select(func.count()).where(QUARANTINE.c.edge == edge, which)
    return int(connection.execute(chosen).scalar_one())


def _strays(connection: Connection, edge: str) -> int:
    chosen = select(func.count()).where(STRAY_LETTERS.c.edge == edge)
    return int(connection.execute(chosen).scalar_one())


def _time(stamp: int | None) -> datetime | None:
    return None if stamp is None else moment(stamp)
