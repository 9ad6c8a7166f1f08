"""`[[zone]]` and `[[load]]`: the lamps and the chargers of a site file."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Output = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}/[a-z0-9_-]{1,16}$")]
"""An output or input of a relay: `garage/1`."""
Source = Annotated[
    str,
    StringConstraints(
        pattern=r"^(lane:[1-9][0-9]?/(loop|beam)|camera:[a-z0-9][a-z0-9_-]{0,31}"
        r"|[a-z0-9][a-z0-9-]{0,31}/[a-z0-9_-]{1,16})$"
    ),
]
"""What sees people: `RELAY/INPUT`, `lane:2/loop` or `camera:ID`."""
_STRETCH = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ZoneTable(_Table):
    """`[[zone]]`: lamps that shine while somebody is there."""

    id: Name
    name: str = ""
    lamps: Output
    watts: float = Field(gt=0, le=100_000)
    """What the lamps draw when they are lit; where no meter tells, energy is estimated by it."""
    inputs: frozenset[Source] = frozenset()
    lit_by: frozenset[int] = frozenset()
    """Lanes whose admitted cars and people come here next."""
    next: tuple[Name, ...] = ()
    """The zones where whoever is here goes: they are lit ahead."""
    min_on: float = Field(default=10.0, ge=0, le=3600)
    hold: float = Field(default=60.0, ge=1, le=3600)
    """Seconds for which it stays lit once nobody is seen."""
    dim: int = Field(default=0, ge=0, le=99)
    """Per cent below which it never falls while it is dark; the lamps must be able to be dimmed."""
    daylight: str = "none"
    """`none` for a cellar, `sun`, or the dark hours themselves: `18:00-06:30`."""
    baseline_hours: float = Field(default=24.0, ge=0, le=24)
    """Hours a day for which these lamps burnt before."""
    price: float = Field(default=0.6, ge=0, le=100)
    """Yuan for a kWh."""

    @model_validator(mode="after")
    def _sound(self) -> "ZoneTable":
        if not self.inputs and not self.lit_by:
            message = f"zone {self.id} has neither inputs nor lit_by: nothing would ever light it"
            raise ValueError(message)
        if self.daylight not in {"none", "sun"}:
            _hours(f"zone {self.id}: daylight", self.daylight, "or none or sun")
        return self


class LoadTable(_Table):
    """`[[load]]`: a socket that charges, within hours and under watch."""

    id: Name
    name: str = ""
    socket: Output
    hours: tuple[str, ...] = ()
    """When it is on by itself; with none it is armed by a guard only."""
    longest_hours: float = Field(default=8.0, gt=0, le=24)
    """Hours for which one plug may charge."""
    max_amps: float | None = Field(default=None, gt=0, le=100)
    """Current above which it is cut; its relay must measure current."""
    smoke: frozenset[Output] = frozenset()

    @model_validator(mode="after")
    def _sound(self) -> "LoadTable":
        for each in self.hours:
            _hours(f"load {self.id}: hours", each)
        if self.max_amps is None and not self.smoke:
            message = (
                f"load {self.id} has neither max_amps nor smoke: nothing would ever cut it; "
                "wire one of them"
            )
            raise ValueError(message)
        return self


def _hours(where: str, text: str, also: str = "") -> None:
    begin, _, end = text.partition("-")
    if _STRETCH.fullmatch(text) is None or begin == end:
        message = f"{where} {text!r} is no stretch of the day; write 20:00-06:00 {also}".rstrip()
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Known:
    """The names of a site file that zones and loads may speak of."""

    relays: Collection[str]
    lane_relays: Collection[str]
    lanes: Collection[int]
    watched: Collection[str]
    """Cameras that a lane looks through; others are not watched for motion."""
    has_place: bool


def check(zones: tuple[ZoneTable, ...], loads: tuple[LoadTable, ...], known: Known) -> None:
    """Hold zones and loads against the rest of the file.

    Raises ValueError with a sentence for the user.
    """
    _once("zone id", [zone.id for zone in zones])
    _once("load id", [load.id for load in loads])
    outputs = [zone.lamps for zone in zones] + [load.socket for load in loads]
    _once("output", outputs)
    ids = {zone.id for zone in zones}
    for zone in zones:
        where = f"zone {zone.id}"
        _panel(where, zone.lamps, known)
        for source in sorted(zone.inputs):
            _source(where, source, known)
        for lane in sorted(zone.lit_by - set(known.lanes)):
            message = f"{where} is lit by lane {lane}, which is not a [[lane]]"
            raise ValueError(message)
        for ahead in zone.next:
            if ahead not in ids or ahead == zone.id:
                message = f"{where} names {ahead!r} as next, which is no other [[zone]]"
                raise ValueError(message)
        if zone.daylight == "sun" and not known.has_place:
            message = f'{where}: daylight = "sun" needs latitude and longitude in [site]'
            raise ValueError(message)
    for load in loads:
        for wire in (load.socket, *sorted(load.smoke)):
            _panel(f"load {load.id}", wire, known)


def panels(zones: Iterable[ZoneTable], loads: Iterable[LoadTable]) -> frozenset[str]:
    """Return the relays that zones and loads name."""
    wires = [zone.lamps for zone in zones] + [load.socket for load in loads]
    wires += [one for zone in zones for one in zone.inputs if ":" not in one]
    wires += [one for load in loads for one in load.smoke]
    return frozenset(wire.partition("/")[0] for wire in wires)


def _source(where: str, source: str, known: Known) -> None:
    kind, _, rest = source.partition(":")
    if kind == "lane" and int(rest.partition("/")[0]) not in known.lanes:
        message = f"{where} listens to {source}, which is not a [[lane]]"
        raise ValueError(message)
    if kind == "camera" and rest not in known.watched:
        message = (
            f"{where} watches {source}, through which no lane looks; add it to a [[lane.view]]"
        )
        raise ValueError(message)
    if ":" not in source:
        _panel(where, source, known)


def _panel(where: str, wire: str, known: Known) -> None:
    relay = wire.partition("/")[0]
    if relay not in known.relays:
        message = f"{where} names relay {relay!r}, which is not a [[relay]]"
        raise ValueError(message)
    if relay in known.lane_relays:
        message = f"{where} names relay {relay!r}, which moves a lane's barrier; give it another"
        raise ValueError(message)


def _once(what: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"{what} {', '.join(twice)} stands more than once"
        raise ValueError(message)
