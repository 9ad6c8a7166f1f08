"""A lane: one way through a gate, and what its relay moves."""

from dataclasses import dataclass
from enum import StrEnum

MAX_LANE = 63


class LaneKind(StrEnum):
    """Whom a lane is for."""

    PEDESTRIAN = "pedestrian"
    EBIKE = "ebike"
    VEHICLE = "vehicle"
    SHED = "shed"


class Direction(StrEnum):
    """Which way someone passes."""

    ENTRY = "entry"
    EXIT = "exit"


class Drive(StrEnum):
    """What the relay does to the barrier (DESIGN §5)."""

    PULSE = "pulse"
    """One pulse opens; the gate closes itself and is never told to."""
    HOLD = "hold"
    """A magnetic lock: held energised, released for a while, released on power loss."""
    OPEN_CLOSE = "open_close"
    """Told to open and told to close; needs presence inputs."""


class Credential(StrEnum):
    """What can name someone."""

    FACE = "face"
    PLATE = "plate"
    PASS = "pass"  # noqa: S105 - a way of entry, not a secret
    CARD = "card"
    PIN = "pin"
    REMOTE = "remote"
    GUARD = "guard"


class Liveness(StrEnum):
    """How sure a lane wants to be that a face is alive."""

    OFF = "off"
    PASSIVE = "passive"
    CHALLENGE = "challenge"


@dataclass(frozen=True, slots=True)
class Lane:
    """One way through a gate; `number` is stable and is the bit that passes name it by."""

    number: int
    name: str
    kind: LaneKind
    directions: frozenset[Direction]
    drive: Drive
    credentials: frozenset[Credential]
    liveness: Liveness = Liveness.OFF
    max_age: float = 3.0
    """Seconds after which an observation is stale."""

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MAX_LANE:
            message = f"lane number {self.number} is not within 1 to {MAX_LANE}"
            raise ValueError(message)
        if not self.directions:
            message = f"lane {self.number} leads nowhere: give it a direction"
            raise ValueError(message)
        if self.credentials <= {Credential.FACE, Credential.GUARD}:
            message = (
                f"lane {self.number} has face as its only way in; the law and the residents "
                "ask for another: add pass to its credentials"
            )
            raise ValueError(message)
        if not 0 < self.max_age <= 10:  # noqa: PLR2004 - a visit to a gate is over in ten seconds
            message = f"lane {self.number}: max_age {self.max_age} s is not within 0 to 10"
            raise ValueError(message)
