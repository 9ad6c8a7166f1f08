"""Facts: all that the store knows about one observation, gathered before deciding."""

from dataclasses import dataclass
from datetime import date

from models.lane import Lane
from models.registry import Resident
from models.visit import Claims, CodeFault, PassUse


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision may know besides the observation and the moment.

    For a pass exactly one of `claims` and `code_fault` is set; for a face `resident` is the person
    it names as the register has them now, None where the register has none.
    """

    lane: Lane
    compound: str
    today: date
    """The site's own calendar day."""
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
