"""A numeric code that carries a pass's right: typed at a keypad or told to the guard."""

import re
from dataclasses import dataclass

from models.lane import Direction
from models.sighting import Sighting

DIGITS = 6
_PIN = re.compile(r"[0-9]{6}")
_BETWEEN = str.maketrans("", "", " -")


def pin_digits(text: str) -> str:
    """Return a numeric code as all are compared: six digits, without separators.

    Raises ValueError with a sentence for the user when it is none.
    """
    digits = text.translate(_BETWEEN)
    if _PIN.fullmatch(digits) is None:
        message = f"a numeric code is {DIGITS} digits"
        raise ValueError(message)
    return digits


@dataclass(frozen=True, slots=True)
class PinRead:
    """Digits typed at a keypad, as heard; `at` is seconds of CLOCK_MONOTONIC here.

    `digits` go no further than to be hashed. `direction` is None where the keypad says none.
    """

    lane: int
    keypad: str
    digits: str
    at: float
    direction: Direction | None = None
    proved: bool = True
    """Whether they came sealed with a key of this site."""


@dataclass(frozen=True, slots=True)
class PinEntered:
    """A numeric code at a lane: the keyed hash (64 hex digits) of its digits.

    `guard` is who typed it for a visitor, empty for a keypad.
    """

    at: Sighting
    pin: str
    guard: str = ""
    proved: bool = True
