"""What the guard's page of lights and chargers is told, and asks."""

import msgspec

from edge.wire.message import Message


class ZoneState(msgspec.Struct, frozen=True):
    """How one zone is; `level` is what is asked for, `shines` what its lamps say, in per cent."""

    id: str
    name: str
    level: int
    why: str
    """A word of models/zone.py."""
    shines: int
    watts: float
    """What its meter shows, below 0 where none does."""


class LoadState(msgspec.Struct, frozen=True):
    """How one socket is; `left` is seconds until it goes off, 0 where it is off."""

    id: str
    name: str
    power: str
    cause: str
    """Words of models/load.py."""
    left: float
    amps: float
    """Below 0 where no current is measured."""
    there: bool


class ArmLoad(Message, frozen=True):
    """A named guard arms a socket."""

    ref: int
    load: str
    guard: str


class Armed(Message, frozen=True):
    """What came of it: `armed`, `armed_already`, `not_safe`, `not_recorded` or `no_load`."""

    ref: int
    answer: str


class EnergyLine(msgspec.Struct, frozen=True):
    """What one zone used on a day (`2026-11-21`) or in a month (`2026-11`): kWh, and yuan."""

    when: str
    zone: str
    metered: float
    estimated: float
    baseline: float
    paid: float
    baseline_paid: float


class Energy(Message, frozen=True):
    """Ask for what every zone used, by day or by month, from `since` on (`2026-11-01`)."""

    ref: int
    since: str
    by_month: bool = False


class EnergyIs(Message, frozen=True):
    """The figures, in order of time."""

    ref: int
    lines: tuple[EnergyLine, ...]
