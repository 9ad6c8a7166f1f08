"""The register by homes: who lives where, with which cars and cards, and the passes they gave."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, func, select

from edge.store import cards, cars, people
from edge.store.body import clock_of
from edge.store.cards import CardRow
from edge.store.consents import Purpose
from edge.store.tables import card, consent, issued, pass_use, resident, revoked, vehicle
from models.home import Home
from models.registry import Consent, Resident
from models.vehicle import Vehicle
from models.visit import Claims

MOST_PASSES = 50
"""Passes of one home that are read, the newest."""
_BETWEEN = str.maketrans("", "", " ·.-•")
_LIKE_A_HOME = re.compile(r"\d+-[\d-]*")


@dataclass(frozen=True, slots=True)
class HomeLine:
    """One home as it is listed."""

    home: Home
    names: tuple[str, ...]
    plates: tuple[str, ...]
    cards: int


@dataclass(frozen=True, slots=True)
class GivenPass:
    """A pass that somebody of a home gave."""

    claims: Claims
    label: str
    by: str
    at: datetime
    revoked: bool
    used: int


@dataclass(frozen=True, slots=True)
class Household:
    """All that the register has of one home."""

    home: Home
    people: tuple[Resident, ...]
    vehicles: tuple[Vehicle, ...]
    cards: tuple[CardRow, ...]
    passes: tuple[GivenPass, ...]


def lines(connection: Connection, find: str) -> tuple[HomeLine, ...]:
    """Return the homes of the register, by building, unit and room.

    With `find` those whose number begins with it or whose room it is, and those of which a name or
    a plate holds it; a plate's separators do not count.
    """
    names = _by_home(connection.execute(select(*_where(resident), resident.c.name)))
    plates = _by_home(connection.execute(select(*_where(vehicle), vehicle.c.plate)))
    counted = connection.execute(
        select(*_where(resident), func.count())
        .select_from(card)
        .join(resident, resident.c.id == card.c.resident)
        .group_by(*_where(resident))
    )
    carded = {Home(*row[:3]): int(row[3]) for row in counted}
    wanted = find.strip().casefold()
    # What is written as a home is looks for homes, not for a plate with these digits.
    plate = "" if _LIKE_A_HOME.fullmatch(wanted) else wanted.translate(_BETWEEN).upper()
    found = []
    for home in sorted({*names, *plates}):
        line = HomeLine(
            home,
            tuple(sorted(names.get(home, ()))),
            tuple(sorted(plates.get(home, ()))),
            carded.get(home, 0),
        )
        if not wanted or _matches(line, wanted, plate):
            found.append(line)
    return tuple(found)


def _matches(line: HomeLine, wanted: str, plate: str) -> bool:
    at_home = str(line.home).startswith(wanted) or str(line.home.room) == wanted
    named = any(wanted in name.casefold() for name in line.names)
    return at_home or named or (bool(plate) and any(plate in each for each in line.plates))


def household(connection: Connection, home: Home) -> Household:
    """Return all that the register has of one home; nothing of a home that it does not know."""
    living = people.of_home(connection, home)
    hosts = [one.resident_id for one in living]
    return Household(
        home,
        living,
        cars.of_home(connection, home),
        cards.of_residents(connection, hosts),
        _passes_of(connection, hosts),
    )


def consent_of(connection: Connection, resident_id: str) -> Consent | None:
    """Return the consent under which a resident's face is used, or None."""
    row = connection.execute(
        select(consent.c.version, consent.c.at, consent.c.channel, consent.c.by, consent.c.guardian)
        .where(
            consent.c.resident == resident_id,
            consent.c.withdrawn.is_(None),
            consent.c.purpose == Purpose.FACE.value,
        )
        .order_by(consent.c.id.desc())
    ).first()
    if row is None:
        return None
    return Consent(row.version, clock_of(row.at), row.channel, row.by, row.guardian)


def _where(table: Table) -> tuple[ColumnElement[int], ...]:
    return table.c.building, table.c.unit, table.c.room


def _by_home(rows: Iterable[Sequence[Any]]) -> dict[Home, list[str]]:
    found: dict[Home, list[str]] = {}
    for building, unit, room, text in rows:
        found.setdefault(Home(building, unit, room), []).append(text)
    return found


def _passes_of(connection: Connection, hosts: Sequence[str]) -> tuple[GivenPass, ...]:
    used = (
        select(func.count())
        .where(pass_use.c.pass_id == issued.c.pass_id)
        .scalar_subquery()
        .label("used")
    )
    rows = connection.execute(
        select(issued, revoked.c.at.label("ended"), used)
        .join(revoked, revoked.c.pass_id == issued.c.pass_id, isouter=True)
        .where(issued.c.host.in_(hosts))
        .order_by(issued.c.at.desc(), issued.c.pass_id)
    )
    return tuple(
        GivenPass(
            msgspec.json.decode(row.claims, type=Claims),
            row.label,
            row.by,
            clock_of(row.at),
            row.ended is not None,
            row.used,
        )
        for row in islice(rows, MOST_PASSES)
    )
