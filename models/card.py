"""A card: what a reader read off it, and the register's row of it. Its number is kept nowhere."""

import re
from dataclasses import dataclass
from datetime import date

from models.lane import Direction
from models.sighting import Sighting

_NUMBER = re.compile(r"[0-9A-Z]{4,32}")
_BETWEEN = str.maketrans("", "", " :-")


def card_number(text: str) -> str:
    """Return a card's number as every reader's is compared: upper case, without separators.

    Raises ValueError with a sentence for the user when it is none.
    """
    number = text.translate(_BETWEEN).upper()
    if _NUMBER.fullmatch(number) is None:
        message = "a card's number is 4 to 32 letters and digits, as its reader sends it"
        raise ValueError(message)
    return number


@dataclass(frozen=True, slots=True)
class CardRead:
    """One card held to a reader, as heard; `at` is seconds of CLOCK_MONOTONIC here.

    `number` goes no further than to be hashed. `direction` is None where the reader says none.
    """

    lane: int
    reader: str
    number: str
    at: float
    direction: Direction | None = None
    proved: bool = True
    """Whether it came sealed with a key of this site."""


@dataclass(frozen=True, slots=True)
class CardShown:
    """A card held to a lane's reader: the keyed hash (64 hex digits) of its number.

    `proved` is whether the reader's word was sealed with a key of this site.
    """

    at: Sighting
    card: str
    proved: bool = True


@dataclass(frozen=True, slots=True)
class Card:
    """A card on the register; `until` is its last day at the site."""

    card: str
    resident: str
    label: str
    until: date | None
