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
    CAR = "car"
    STRANGE_CAR = "strange_car"
    PLATE_IN_HAND = "plate_in_hand"
    """The resident's plate, and no car."""
    LAMPS_LIT = "lamps_lit"
    """Nothing before a camera, as with the next two: what the last opening brought about."""
    LAMPS_DARK = "lamps_dark"
    CHARGER = "charger"
    """Something is plugged in that draws more than its socket may give."""
    PHOTO = "photo"
    """Nothing before a camera: the resident's phone sends a face, sealed to the gate's key."""
    FRESH = "fresh"
    """A pass that is made on the resident's phone in this very step."""
    OFFLINE = "offline"
    """A pass that was made and opened on phones, while the centre is away."""
    REVOKED = "revoked"
    """A pass that its host took back on the phone."""
    WITHDRAWN = "withdrawn"
    """The resident, who has just taken the face back on the phone."""


LIT, DARK, CUT = "lit", "dark", "cut"
"""What lamps and a charger must have done."""
ACCEPTED = "accepted"
"""What the gate must have answered to the photo."""

PLATE, STRANGE_PLATE = "浙A8C2L6", "沪B5K927"
AROUND_CARS = frozenset({Prop.LAMPS_LIT, Prop.LAMPS_DARK, Prop.CHARGER})
"""What is judged by the panel's ledger instead of a gate's."""
NO_SCENE = AROUND_CARS | {Prop.PHOTO}
"""What happens where no camera looks."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who or what comes to which lane and camera, and the one right outcome.

    `expected` is `opened`, `refused:<reason>`, `asked:<reason>` where the guard is asked, `lit`,
    `dark` or `cut`, or `accepted`; `people` or cars go through after an opening.
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


def asked(reason: Reason) -> str:
    """Return the outcome of bringing it before the guard for `reason`."""
    return f"asked:{reason}"


def story() -> tuple[Step, ...]:
    """Return the steps in the order in which they are told."""
    entry, exit_ = Direction.ENTRY, Direction.EXIT
    unknown, used = refused(Reason.UNKNOWN_FACE), refused(Reason.USED)
    not_live, revoked = refused(Reason.NOT_LIVE), refused(Reason.REVOKED)
    expired, forged = refused(Reason.EXPIRED), refused(Reason.FORGED)
    return (
        Step("photo_from_phone", 1, entry, "cam1", Prop.PHOTO, ACCEPTED, 0),
        Step("resident_face", 1, entry, "cam1", Prop.RESIDENT, OPENED, 1),
        Step("stranger_face", 1, entry, "cam1", Prop.STRANGER, unknown, 0),
        Step("print_refused", 2, entry, "cam2-in", Prop.RESIDENT, not_live, 0),
        Step("pass_from_phone", 1, entry, "cam1", Prop.FRESH, OPENED, 1),
        Step("pass_in", 2, entry, "cam2-in", Prop.VISITOR, OPENED, 1),
        Step("pass_out", 2, exit_, "cam2-out", Prop.VISITOR, OPENED, 1),
        Step("pass_used", 2, entry, "cam2-in", Prop.VISITOR, used, 0),
        Step("pass_expired", 2, entry, "cam2-in", Prop.EXPIRED, expired, 0),
        Step("pass_forged", 2, entry, "cam2-in", Prop.FORGED, forged, 0),
        Step("pass_revoked", 2, entry, "cam2-in", Prop.REVOKED, revoked, 0),
        Step("pass_offline", 1, entry, "cam1", Prop.OFFLINE, OPENED, 1),
        Step("guard_open", 2, entry, "cam2-in", Prop.GUARD, OPENED, 1),
        *_cars(),
        Step("face_withdrawn", 1, entry, "cam1", Prop.WITHDRAWN, unknown, 0),
    )


def told_again(telling: int) -> tuple[Step, ...]:
    """Return the steps of a show's `telling`, from 1: its resident's face comes once and stays.

    A home may only send so many photos an hour.
    """
    left_out = {"face_withdrawn"} if telling == 1 else {"face_withdrawn", "photo_from_phone"}
    return tuple(step for step in story() if step.name not in left_out)


def _cars() -> tuple[Step, ...]:
    """Return what happens where cars come and go."""
    entry, exit_ = Direction.ENTRY, Direction.EXIT
    in_hand, stranger = refused(Reason.NO_VEHICLE), asked(Reason.UNKNOWN_PLATE)
    return (
        Step("car_in", 3, entry, "cam3", Prop.CAR, OPENED, 1),
        Step("lights_on", 3, entry, "cam3", Prop.LAMPS_LIT, LIT, 0),
        Step("lights_off", 3, entry, "cam3", Prop.LAMPS_DARK, DARK, 0),
        Step("car_out", 3, exit_, "cam3", Prop.CAR, OPENED, 1),
        Step("car_stranger", 3, entry, "cam3", Prop.STRANGE_CAR, stranger, 0),
        Step("plate_in_hand", 3, entry, "cam3", Prop.PLATE_IN_HAND, in_hand, 0),
        Step("charger_cut", 3, entry, "cam3", Prop.CHARGER, CUT, 0),
    )
