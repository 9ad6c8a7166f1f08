"""Wishes: what a household asked of its gates, until the gates' register says it too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, insert, select

from central.feed import tell
from central.feed_words import kind_of, wire_body, word_of
from central.moments import microseconds, moment
from central.register_tables import NOT_APPLIED
from central.resident.household import Household, Person
from central.resident.retention import WISHED
from central.resident.tables import WISHES
from central.tables import EDGES
from models.feed import Choice, FaceWithdrawn, Member, VehicleGiven, VehicleTaken
from models.lane import Credential

Asked = Member | Choice | FaceWithdrawn | VehicleGiven | VehicleTaken

_WORDS: Final[Mapping[str, type[Asked]]] = {
    kind_of(word): word for word in (Member, Choice, FaceWithdrawn, VehicleGiven, VehicleTaken)
}
_SETTLING: Final = timedelta(seconds=30)
"""What a gate holds is believed to be asked still for this long: its own word comes after it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that was asked; `refused` is the gate's word where it did not do it."""

    number: int
    asked: Asked
    at: datetime
    arrived: bool = False
    """Whether the gates have proved that they hold it."""
    refused: str = ""

    def open(self, now: datetime) -> bool:
        """Return whether the register may not say it yet."""
        return not self.refused and (not self.arrived or now - self.at < _SETTLING)


def wish(connection: Connection, household: Household, asked: Asked, now: datetime) -> int:
    """Tell the gates of a household's wish, and return its number on the feed."""
    number = tell(connection, household.compound, asked)
    connection.execute(
        insert(WISHES).values(
            compound=household.compound,
            number=number,
            home=str(household.home),
            resident=asked.resident_id,
            kind=kind_of(type(asked)),
            body=wire_body(asked).decode(),
            at=microseconds(now),
        )
    )
    return number


def wishes_of(connection: Connection, compound: str, home: str, now: datetime) -> tuple[Wish, ...]:
    """Return what a home asked lately, oldest first, with what became of it."""
    chosen = (
        select(WISHES, NOT_APPLIED.c.why)
        .outerjoin(
            NOT_APPLIED,
            (NOT_APPLIED.c.compound == WISHES.c.compound)
            & (NOT_APPLIED.c.number == WISHES.c.number),
        )
        .where(
            WISHES.c.compound == compound,
            WISHES.c.home == home,
            WISHES.c.at > microseconds(now - WISHED),
        )
        .order_by(WISHES.c.number)
    )
    rows = connection.execute(chosen).all()
    proof = held_by_gates(connection, compound) if rows else 0
    return tuple(_wish(row, proof) for row in rows)


def held_by_gates(connection: Connection, compound: str) -> int:
    """Return the number up to which every gate of the compound has proved to hold the feed."""
    least = select(func.min(func.coalesce(EDGES.c.proof, 0))).where(
        EDGES.c.compound == compound, EDGES.c.revoked_at.is_(None)
    )
    return int(connection.execute(least).scalar_one() or 0)


def _wish(row: Any, proof: int) -> Wish:  # noqa: ANN401 - a row of what was selected
    asked = word_of(_WORDS[row.kind], msgspec.json.decode(row.body))
    return Wish(row.number, asked, moment(row.at), row.number <= proof, row.why or "")


def with_wishes(
    people: Iterable[Person], gone: frozenset[str], wishes: Iterable[Wish], now: datetime
) -> tuple[Person, ...]:
    """Return the people of a home as they will be once the gates have done what was asked.

    `gone` are those who were on the register and are no longer.
    """
    known = {one.resident_id: one for one in people}
    for each in wishes:
        match each.asked:
            case Member() as member if member.resident_id not in {*known, *gone}:
                known[member.resident_id] = _coming(member, each.refused)
            case Choice(resident_id=who, credential=credential, allowed=allowed):
                _ask(known, who, credential, each.open(now), allowed=allowed)
            case FaceWithdrawn(resident_id=who):
                _ask(known, who, Credential.FACE, each.open(now), allowed=False)
            case _:
                pass
    return tuple(known.values())


def _coming(member: Member, refused: str) -> Person:
    return Person(
        member.resident_id,
        member.name,
        member.kind,
        member.until,
        guardian=member.guardian,
        listed=False,
        refused=refused,
    )


def _ask(
    known: dict[str, Person],
    who: str,
    credential: Credential,
    is_open: bool,  # noqa: FBT001 - one of many facts about a wish
    *,
    allowed: bool,
) -> None:
    person = known.get(who)
    if person is None:
        return
    asked = {name: yes for name, yes in person.asked.items() if name is not credential}
    if is_open:
        asked[credential] = allowed
    known[who] = replace(person, asked=asked)


@dataclass(frozen=True, slots=True)
class Car:
    """A car of a household; `state` is `listed`, `coming`, `going` or `refused`."""

    plate: str
    resident_id: str
    until: date | None
    state: str = "listed"
    why: str = ""


def cars_with_wishes(cars: Iterable[Car], wishes: Iterable[Wish], now: datetime) -> tuple[Car, ...]:
    """Return the cars of a household as they will be once the gates have done what was asked."""
    known = {(one.resident_id, one.plate): one for one in cars}
    for each in wishes:
        match each.asked:
            case VehicleGiven(resident_id=who, plate=plate, until=until):
                key = (who, plate)
                if each.refused and key not in known:
                    known[key] = Car(plate, who, until, "refused", each.refused)
                elif each.open(now):
                    known[key] = Car(plate, who, until, "coming")
            case VehicleTaken(resident_id=who, plate=plate):
                key = (who, plate)
                if key in known and each.open(now):
                    known[key] = replace(known[key], state="going")
                elif key in known and known[key].state != "listed":
                    del known[key]
            case _:
                pass
    return tuple(known.values())
