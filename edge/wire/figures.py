"""The figures of a site: what `/metrics` counts and the health page shows. Never a name."""

import msgspec

from edge.wire.message import Message

Counts = tuple[tuple[tuple[str, ...], int], ...]


class ProcessState(msgspec.Struct, frozen=True):
    """How one of our processes is, as its supervisor knows it."""

    name: str
    beating: bool
    restarts: int
    """Times that it was started again since `kuahu run` began."""
    beat_age: float = -1.0
    """Seconds since it last turned, -1 before it has."""
    fell_ago: float = -1.0
    """Seconds since it last died or hung, -1 where it never did."""


class Processes(Message, frozen=True):
    """From the supervisor, once a second: how the processes are."""

    processes: tuple[ProcessState, ...]


class RelayFigures(msgspec.Struct, frozen=True):
    """How one relay is."""

    name: str
    lane: int
    away: bool
    epochs: int = 0
    """Times that it was heard to have started anew."""


class LaneFigures(msgspec.Struct, frozen=True):
    """What one lane has done since core began."""

    number: int
    decisions: Counts = ()
    """((credential, verdict, reason), how often)."""
    outcomes: Counts = ()
    """((outcome,), how often) of commands."""
    refusals: Counts = ()
    """((why,), how often) a relay refused a command."""
    coalesced: int = 0
    overflowed: int = 0
    late: int = 0
    """Openings by hand that waited for the disk."""
    tailgated: int = 0
    """Cars that went through behind another's opening."""
    waited: float = 0.0
    """Seconds that the slowest decision of the last minute waited for the disk."""
    sensors: tuple[tuple[str, str], ...] = ()
    """(input, `stale`, `flapping` or `contradictory`), where one is."""


class Figures(msgspec.Struct, frozen=True):
    """Everything that is counted."""

    processes: tuple[ProcessState, ...] = ()
    relays: tuple[RelayFigures, ...] = ()
    lanes: tuple[LaneFigures, ...] = ()
    broker: bool = True
    gallery: int = 0
    """The newest version of the gallery."""
    gallery_seen: int = -1
    """The version that vision goes by, -1 while it has none."""
    engine: str = ""
    disk_total: int = 0
    disk_free: int = 0
    ballast: bool = True
    crops_lost: int = 0
    forked: int = 0
    """Events put aside by the centre because it has another hash of the same number."""
    answer: str = "none"
    """What the centre last answered (edge/sync/state.py)."""
    letters: int = 0
    """Letters about the register that wait for the centre."""
    letters_aside: int = 0
    told_refused: int = 0
    """Items of the centre that could not be used so far."""
    told_waiting: int = 0
    centre_tells: bool = False
    """Whether the centre's news was last heard."""
    centre_behind: bool = False
