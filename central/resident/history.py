"""A resident's own history, from the events that their gates have told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from central.moments import microseconds, moment
from central.register_tables import PASS_USES
from central.resident.household import Household, Person
from central.resident.register import vehicle_ids
from central.tables import EDGES, EVENTS

SHOWN: Final = 50
"""Entries of one page."""
_KINDS: Final = ("decision", "late")
_WORD: Final = 40


@dataclass(frozen=True, slots=True)
class Passage:
    """One time at a gate: opened or not, by what, where."""

    at: datetime
    lane: int | None
    direction: str
    credential: str
    opened: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Use:
    """One time that a pass was shown; `double` says that it was used elsewhere as well."""

    at: datetime
    lane: int
    direction: str
    opened: bool
    reason: str
    double: bool


def passages(
    connection: Connection,
    household: Household,
    person: Person,
    before: datetime | None = None,
    limit: int = SHOWN,
) -> tuple[Passage, ...]:
    """Return what the gates told of one person, of their cars and visitors, the newest first.

    Raises Absent for whose history the asker may not see.
    """
    own = household.own(person.resident_id)
    names = (own.resident_id, *vehicle_ids(connection, household, own.resident_id))
    edges = select(EDGES.c.edge).where(EDGES.c.compound == household.compound)
    chosen = (
        select(EVENTS.c.at, EVENTS.c.lane, EVENTS.c.body)
        .where(EVENTS.c.resident.in_(names), EVENTS.c.edge.in_(edges), EVENTS.c.kind.in_(_KINDS))
        .order_by(EVENTS.c.at.desc(), EVENTS.c.arrival.desc())
        .limit(limit)
    )
    if before is not None:
        chosen = chosen.where(EVENTS.c.at < microseconds(before))
    return tuple(_passage(row) for row in connection.execute(chosen))


def uses_of(connection: Connection, compound: str, pass_id: str) -> tuple[Use, ...]:
    """Return when a pass was shown and what came of it, the newest first."""
    rows = connection.execute(
        select(PASS_USES)
        .where(PASS_USES.c.compound == compound, PASS_USES.c.pass_id == pass_id)
        .order_by(PASS_USES.c.at.desc(), PASS_USES.c.number.desc())
        .limit(SHOWN)
    )
    return tuple(
        Use(moment(row.at), row.lane, row.direction, row.opened, row.reason, row.double)
        for row in rows
    )


def newest_uses(
    connection: Connection, compound: str, passes: Sequence[str]
) -> Mapping[str, tuple[Use, bool]]:
    """Return, for each pass that was shown, the newest time, and whether any was a second use."""
    found: dict[str, tuple[Use, bool]] = {}
    rows = connection.execute(
        select(PASS_USES)
        .where(PASS_USES.c.compound == compound, PASS_USES.c.pass_id.in_(passes))
        .order_by(PASS_USES.c.at, PASS_USES.c.number)
    )
    for row in rows:
        use = Use(moment(row.at), row.lane, row.direction, row.opened, row.reason, row.double)
        _, doubled = found.get(row.pass_id, (use, False))
        found[row.pass_id] = (use, doubled or use.double)
    return found


def _passage(row: Any) -> Passage:  # noqa: ANN401 - a row of what was selected
    body = msgspec.json.decode(row.body, type=dict[str, Any])

    def word(name: str) -> str:
        # A gate's own words; whatever else an edge wrote there is not repeated to people.
        said = body.get(name)
        return said[:_WORD] if isinstance(said, str) and said.replace("_", "").isalnum() else ""

    return Passage(
        moment(row.at),
        row.lane,
        word("direction"),
        word("credential"),
        word("answer") in {"opened", "opening"},
        word("reason"),
    )
