"""What zones used and how loads stand, as register.db keeps it."""

from collections.abc import Sequence
from concurrent.futures import Future
from datetime import date

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store import marks
from edge.store.body import Body
from edge.store.journal import Entry, append
from edge.store.opening import Parts
from edge.store.tables import energy
from edge.zone_ports import EnergyRow, LoadNote
from gate.energy import Spent
from models.moment import Moment

MARK = "loads"
_FIGURES = ("metered", "estimated", "baseline", "paid", "baseline_paid")
_DAY = len("2026-11-21")
_MONTH = len("2026-11")


class ZoneShelf:
    """Keeps energy by day and zone, and the loads as they stand."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def add_energy(self, rows: Sequence[EnergyRow]) -> "Future[int]":
        """Add to what each zone used on each day, all or nothing; the end holds how many rows."""
        return self._parts.writer.begin(lambda connection: _add(connection, rows))

    def energy(self, since: date, *, by_month: bool = False) -> tuple[tuple[str, str, Spent], ...]:
        """Return when (`2026-11-21` or `2026-11`), zone and use from `since` on, in that order."""
        when = func.substr(energy.c.day, 1, _MONTH if by_month else _DAY)
        query = (
            select(when, energy.c.zone, *(func.sum(energy.c[name]) for name in _FIGURES))
            .where(energy.c.day >= since.isoformat())
            .group_by(when, energy.c.zone)
            .order_by(when, energy.c.zone)
        )
        found = self._parts.reads(lambda connection: connection.execute(query).all())
        return tuple((row[0], row[1], Spent(*row[2:])) for row in found)

    def keep_loads(self, states: str, note: LoadNote, now: Moment) -> "Future[int]":
        """Keep how every load stands with the row that says why; the end holds its seq."""
        journal = self._parts.journal
        body = Body(who=note.who, note=note.text)
        entry = Entry(note.kind, now.utc, now.trust, reason=note.reason, body=body)

        def work(connection: Connection) -> int:
            marks.write(connection, MARK, states)
            return append(connection, journal, entry).seq

        return self._parts.writer.begin(work)

    def loads(self) -> str:
        """Return how every load stood when last kept; empty where nothing was."""
        return self._parts.reads(lambda connection: marks.read(connection, MARK)) or ""


def _add(connection: Connection, rows: Sequence[EnergyRow]) -> int:
    for day, zone, used in rows:
        figures = {name: getattr(used, name) for name in _FIGURES}
        row = upsert(energy).values(day=day.isoformat(), zone=zone, **figures)
        more = {name: energy.c[name] + value for name, value in figures.items()}
        connection.execute(row.on_conflict_do_update(index_elements=["day", "zone"], set_=more))
    return len(rows)
