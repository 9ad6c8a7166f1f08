"""What core pushes to whoever watches: rows, answers at the lanes, the state of the site."""

import msgspec

from edge.wire.eye import CameraState
from edge.wire.figures import Figures
from edge.wire.message import Message
from edge.wire.stays import RoomLine
from edge.wire.zones import LoadState, ZoneState
from models.event import Event


class Watch(Message, frozen=True):
    """From now on, push `Row`, `Shown` and `Site` to this connection."""

    ref: int


class Row(Message, frozen=True):
    """Pushed: a journal row that is new, or whose outcome came in."""

    event: Event


class Shown(Message, frozen=True):
    """Pushed: what a lane's screen shows for a while. Never a name."""

    lane: int
    signal: str
    """`granted`, `refused`, `wait`, or `idle` when nothing is to be said."""
    word: str
    """The reason, whose public words are in docs/words.md."""
    seq: int = 0


class StandingLine(msgspec.Struct, frozen=True):
    """What stands at a lane by a guard's order, since when (ISO 8601, UTC)."""

    what: str
    """`lock_down` or `hold_open`."""
    guard: str
    why: str
    since: str


class LaneState(msgspec.Struct, frozen=True):
    """How one lane is."""

    number: int
    name: str
    kind: str
    directions: tuple[str, ...]
    drive: str
    barrier: str
    """A barrier state (gate/barrier.py)."""
    measured: bool
    """False where no position wire tells: the screen then says that a pulse was sent."""
    occupied: bool
    relay_ok: bool
    liveness: str
    demo: bool
    cameras: tuple[str, ...]
    kiosk: bool
    standing: StandingLine | None = None


class FaultLine(msgspec.Struct, frozen=True):
    """One thing that is wrong: what, since when (ISO 8601, UTC), and what to do."""

    part: str
    text: str
    advice: str
    since: str
    ailment: str = ""
    """The word of edge/ailment.py."""


class Site(Message, frozen=True):
    """Pushed on change and every few seconds: how everything is."""

    name: str
    timezone: str
    lanes: tuple[LaneState, ...]
    cameras: tuple[CameraState, ...]
    faults: tuple[FaultLine, ...]
    backlog: int
    quarantined: int
    centre: str
    """`none`, `ok` or `away`."""
    claimed: bool
    unrecorded: int
    """Openings by hand that wait for the disk to come back."""
    time_trust: str
    notices: tuple[str, ...] = ()
    """What to know while nothing is wrong: `disk_filling`, `own_issuer`, `weak_relay`."""
    figures: Figures = Figures()
    zones: tuple[ZoneState, ...] = ()
    rooms: tuple[RoomLine, ...] = ()
    loads: tuple[LoadState, ...] = ()
