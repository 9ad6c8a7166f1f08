"""The story: what happens at the demo compound, step by step, and how each step must end."""

from dataclasses import dataclass
from enum import StrEnum

from models.decision import Reason
from models.lane import Direction

OPENED = "opened"


class Prop(StrEnum):
    """What a step brings before a camera."""

    RESIDENT = "resident"
    STRANGER = "stranger"
    VISITOR = "visitor"
    """One single pass for the whole of one telling: in, out, and once too often."""
    EXPIRED = "expired"
    FORGED = "forged"
    GUARD = "guard"
    """Nothing before a camera: a guard's hand on the button."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who or what comes to which lane and camera, and the one right outcome.

    `expected` is `opened` or `refused:<reason>`; `people` walk through after an opening.
    """

    name: str
    lane: int
    direction: Direction
    camera: str
    prop: Prop
    expected: str
    people: int

    def __post_init__(self) -> None:
        if (self.expected == OPENED) != (self.people > 0):
            message = f"step {self.name}: people walk through where it opens, and only there"
            raise ValueError(message)


def refused(reason: Reason) -> str:
    """Return the outcome of a refusal for `reason`."""
    return f"refused:{reason}"


def story() -> tuple[Step, ...]:
    """Return the steps in the order in which they are told."""
    entry, exit_ = Direction.ENTRY, Direction.EXIT
    unknown, used = refused(Reason.UNKNOWN_FACE), refused(Reason.USED)
    not_live = refused(Reason.NOT_LIVE)
    expired, forged = refused(Reason.EXPIRED), refused(Reason.FORGED)
    return (
        Step("resident_face", 1, entry, "cam1", Prop.RESIDENT, OPENED, 1),
        Step("stranger_face", 1, entry, "cam1", Prop.STRANGER, unknown, 0),
        Step("print_refused", 2, entry, "cam2-in", Prop.RESIDENT, not_live, 0),
        Step("pass_in", 2, entry, "cam2-in", Prop.VISITOR, OPENED, 1),
        Step("pass_out", 2, exit_, "cam2-out", Prop.VISITOR, OPENED, 1),
        Step("pass_used", 2, entry, "cam2-in", Prop.VISITOR, used, 0),
        Step("pass_expired", 2, entry, "cam2-in", Prop.EXPIRED, expired, 0),
        Step("pass_forged", 2, entry, "cam2-in", Prop.FORGED, forged, 0),
        Step("guard_open", 2, entry, "cam2-in", Prop.GUARD, OPENED, 1),
    )
