"""What a resident may order: the rules of passes, apart from everything that stores them. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from models.errors import InputError
from models.home import Home
from models.lane import MAX_LANE
from models.visit import UNLIMITED, PassKind, Weekly

MOST_LIVE: Final = 20
"""Passes of one home that may be alive at once."""
LONGEST: Final = {
    PassKind.SINGLE: timedelta(days=7),
    PassKind.WINDOW: timedelta(days=30),
    PassKind.RECURRING: timedelta(days=366),
    PassKind.DELIVERY: timedelta(days=1),
    PassKind.PRINTED: timedelta(days=30),
}
"""From start to end."""
MOST_USES: Final = {
    PassKind.SINGLE: 1,
    PassKind.WINDOW: 100,
    PassKind.RECURRING: UNLIMITED,
    PassKind.DELIVERY: 1,
    PassKind.PRINTED: 100,
}
LONGEST_LABEL: Final = 40
LONGEST_PLATE: Final = 16
AHEAD: Final = timedelta(days=90)
"""How long before its start a pass may be made."""
_BEHIND: Final = timedelta(days=1)
"""How far back a start may lie: the morning of the day on which it is made."""
_SHORTEST: Final = timedelta(minutes=5)


class Rule(StrEnum):
    """A rule that an order breaks."""

    LABEL = "label"
    LANES = "lanes"
    START = "start"
    OVER = "over"
    """It would be over before anybody comes."""
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    USES = "uses"
    WEEKLY = "weekly"
    ROTATING = "rotating"
    PLATE = "plate"
    TOO_MANY = "too_many"
    """The home has as many live passes as it may have."""
    FULL = "full"
    """The compound has no numeric codes left."""


_SAID: Final = {
    Rule.LABEL: f"a pass needs a name of 1 to {LONGEST_LABEL} letters",
    Rule.LANES: "a pass names lanes that the compound does not have",
    Rule.START: f"a pass starts between a day ago and {AHEAD.days} days from now",
    Rule.OVER: "this pass would be over already; choose a later end",
    Rule.TOO_SHORT: "a pass lasts five minutes or more",
    Rule.TOO_LONG: "this kind of pass may not last so long",
    Rule.USES: "this kind of pass may not be used so often",
    Rule.WEEKLY: "a recurring pass needs days and times of the week, and no other has any",
    Rule.ROTATING: "a printed pass cannot have a changing code",
    Rule.PLATE: f"a plate has 1 to {LONGEST_PLATE} letters and digits",
    Rule.TOO_MANY: f"this home has {MOST_LIVE} live passes; revoke one that is not needed",
    Rule.FULL: "the compound has too many live passes; try again tomorrow",
}


class Unfit(InputError):  # noqa: N818 - it names what was ordered, as its parent does
    """An order breaks a rule; `rule` says which, for whoever has words of their own for it."""

    code = "unfit_pass"

    def __init__(self, rule: Rule) -> None:
        super().__init__(_SAID[rule])
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Host:
    """Who invites: a resident (16 hex digits) of a home in a compound (8 hex digits)."""

    compound: str
    home: Home
    resident_id: str


@dataclass(frozen=True, slots=True)
class Order:
    """A pass as wanted; `rotating` None is the kind's own way, no lanes are all of them."""

    label: str
    kind: PassKind
    not_before: datetime
    expires: datetime
    lanes: frozenset[int] = frozenset()
    uses: int = 1
    weekly: Weekly | None = None
    rotating: bool | None = None
    plate: str | None = None


def checked(order: Order, now: datetime) -> Order:
    """Return the order as it will be minted: whole seconds, a tidy name, `rotating` decided.

    Raises Unfit with the first rule that it breaks.
    """
    tidy = replace(
        order,
        label=" ".join(order.label.split()),
        not_before=order.not_before.replace(microsecond=0),
        expires=order.expires.replace(microsecond=0),
        rotating=_rotates(order),
        plate=None if order.plate is None else "".join(order.plate.split()).upper() or None,
    )
    for rule, broken in _broken(tidy, now):
        if broken:
            raise Unfit(rule)
    return tidy


def _rotates(order: Order) -> bool:
    if order.rotating is None:
        return order.kind is PassKind.RECURRING
    return order.rotating


def _broken(order: Order, now: datetime) -> tuple[tuple[Rule, bool], ...]:
    lasts = order.expires - order.not_before
    label, plate = order.label, order.plate
    return (
        (Rule.LABEL, not 1 <= len(label) <= LONGEST_LABEL or not label.isprintable()),
        (Rule.LANES, not all(1 <= lane <= MAX_LANE for lane in order.lanes)),
        (Rule.START, not now - _BEHIND <= order.not_before <= now + AHEAD),
        (Rule.OVER, order.expires <= now),
        (Rule.TOO_SHORT, lasts < _SHORTEST),
        (Rule.TOO_LONG, lasts > LONGEST[order.kind]),
        (Rule.USES, not 1 <= order.uses <= MOST_USES[order.kind]),
        (Rule.WEEKLY, (order.kind is PassKind.RECURRING) == (order.weekly is None)),
        (Rule.ROTATING, bool(order.rotating) and order.kind is PassKind.PRINTED),
        (Rule.PLATE, plate is not None and not (len(plate) <= LONGEST_PLATE and plate.isalnum())),
    )
