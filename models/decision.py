"""A decision: the answer to one observation, with exactly one reason."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What to do."""

    OPEN = "open"
    REFUSE = "refuse"
    ASK_GUARD = "ask_guard"


class Reason(StrEnum):
    """Why; a stable word that screens translate (docs/words.md)."""

    RESIDENT = "resident"
    VISITOR = "visitor"
    GUARD = "guard"

    UNKNOWN_FACE = "unknown_face"
    AMBIGUOUS_FACE = "ambiguous_face"
    NOT_LIVE = "not_live"
    SECOND_FACTOR = "second_factor"
    """The face of somebody who is not asked to move: another way of theirs must come too."""
    OLD_GALLERY = "old_gallery"
    ENDED = "ended"
    NOT_CHOSEN = "not_chosen"

    USED = "used"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    NOT_NOW = "not_now"
    """A recurring pass outside its days and times of the week."""
    REVOKED = "revoked"
    WRONG_LANE = "wrong_lane"
    WRONG_COMPOUND = "wrong_compound"
    FORGED = "forged"
    UNKNOWN_KEY = "unknown_key"
    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    WRONG_ALPHABET = "wrong_alphabet"
    STALE_CODE = "stale_code"

    UNPAIRED = "unpaired"
    """A way out for which no way in is known."""

    UNKNOWN_PLATE = "unknown_plate"
    UNREADABLE_PLATE = "unreadable_plate"
    """A plate that was not surely read, or a vehicle of which none was seen."""
    NO_VEHICLE = "no_vehicle"
    """A plate, and nothing in the lane says that a vehicle carries it."""
    RESTRICTED = "restricted"
    """A car that two approvers keep out, whatever else would let it in."""
    ALREADY_INSIDE = "already_inside"
    FULL = "full"
    """No space is left behind the lane."""
    SPACES_TAKEN = "spaces_taken"
    """All spaces of the car's household are taken."""
    CAR_IN_LANE = "car_in_lane"
    """A car stands in a lane that is not for cars."""
    UNKNOWN_CARD = "unknown_card"
    UNKNOWN_PIN = "unknown_pin"
    PIN_LOCKED = "pin_locked"
    """Too many wrong numbers were typed at this lane: its keypad waits."""

    STALE = "stale"
    LOCKED_DOWN = "locked_down"
    NOT_AT_THIS_LANE = "not_at_this_lane"
    CLOCK = "clock"
    NOT_RECORDED = "not_recorded"
    """The decision could not be made durable, so nothing opened by itself."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one observation. A refusal is an answer, not an error."""

    verdict: Verdict
    reason: Reason
    use: int | None = None
    """The number of the pass use that an opening spends."""
    tell_guard: bool = False
    """True where the answer opens but a person should know: an unpaired exit, say."""
