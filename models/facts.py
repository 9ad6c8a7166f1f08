"""Facts: all that the store knows about one observation, gathered before deciding."""

from dataclasses import dataclass
from datetime import date

from models.card import Card
from models.lane import Lane
from models.registry import Resident
from models.stay import Beyond
from models.vehicle import CarPassage, Presence, Restriction, Vehicle
from models.visit import NONE_EARLIER, Claims, CodeFault, Earlier, PassUse


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision may know besides the observation and the moment.

    For a pass exactly one of `claims` and `code_fault` is set; for a typed number `claims` are
    those of the pass that has it, if any; for a face `resident` is the person
    it names as the register has them now, None where the register has none. For a plate `claims`
    are those of the pass that is bound to it, if any; for a card `resident` is its holder.
    """

    lane: Lane
    compound: str
    today: date
    """The site's own calendar day."""
    minute: int = 0
    """The minute of that day, 0 to 1439."""
    gallery_floor: int = 0
    """The first gallery version that honours the last withdrawal."""
    locked_down: bool = False
    """A named guard's lock-down stands at this lane."""
    fire: bool = False
    """The lane's fire input is active, or the barrier is still held since it was."""
    resident: Resident | None = None
    claims: Claims | None = None
    code_fault: CodeFault | None = None
    revoked: bool = False
    uses: tuple[PassUse, ...] = ()
    """The first way in and the newest uses, here and at the compound's other gates."""
    earlier: Earlier = NONE_EARLIER
    """The uses that are not told one by one."""
    pin_locked: bool = False
    """Too many wrong numbers were typed at this lane's keypad."""
    presence: Presence = Presence.UNKNOWN
    """Whether a vehicle stands in the lane."""
    vehicle: Vehicle | None = None
    restriction: Restriction | None = None
    """What keeps the car out here and today; of the plate that was seen last, for a pass."""
    passages: tuple[CarPassage, ...] = ()
    """The car's last openings, the newest first."""
    passback: bool = True
    """Whether a car that is inside already is brought before the guard when it comes again."""
    card: Card | None = None
    full: bool = False
    """Every space behind this lane is taken; asked of whoever wants to come in."""
    beyond: Beyond | None = None
    """What the site wants of this car, whose home has all of its spaces taken; else None."""
    confirms: int | None = None
    """The row in which this lane has just seen the face whose second factor this is, if any."""
