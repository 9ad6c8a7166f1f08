"""What one use of a pass is: how many ways in it has left, and which try is the same use again.

Laws of this file:
- a use is spent by an opening: a retry at the same lane within a minute is the same use;
- each way in allows one way out, whatever the kind of pass and however late;
- a delivery is one visit, which has an hour from its first way in;
- uses at the compound's other gates count like those here, and are never tried again here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from models.decision import Reason
from models.facts import Facts
from models.lane import Direction
from models.moment import Moment, Trust
from models.visit import UNLIMITED, Claims, Earlier, PassKind, PassUse, UseState

RETRY_WITHIN = 60.0
RETRIES = 2
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
DELIVERY = 3600.0
"""Seconds from the first way in, within which a delivery comes in again."""


def use_of(claims: Claims, facts: Facts, direction: Direction, now: Moment) -> int | Reason:
    """Return the number of the use that an opening would spend, or why there is none left.

    CLOCK is the answer where nobody can say how long ago a delivery began.
    """
    for use in facts.uses:
        if use.direction is direction and _is_retry(use, facts.lane.number, now):
            return use.number
    ways_in, ways_out = ways(facts.uses, facts.earlier)
    if direction is Direction.EXIT:
        if not ways_in:
            return Reason.UNPAIRED
        if ways_out >= ways_in:
            return Reason.USED
    elif (refused := _entry(claims, facts.uses, ways_in, now)) is not None:
        return refused
    here = (use.number for use in facts.uses if not use.edge)
    return 1 + max(here, default=0)


def ways(uses: Sequence[PassUse], earlier: Earlier) -> tuple[int, int]:
    """Return how often a pass went in and how often out."""
    ways_in = sum(use.direction is Direction.ENTRY for use in uses)
    return earlier.ways_in + ways_in, earlier.ways_out + len(uses) - ways_in


def overdrawn(kind: PassKind, allowed: int, uses: Sequence[PassUse]) -> bool:
    """Return whether more ways in were opened than a pass of this kind allows.

    It happens where two gates that could not hear each other let the same pass in.
    """
    opened = [use for use in uses if use.opened and use.direction is Direction.ENTRY]
    if kind is PassKind.DELIVERY:
        times = [use.at for use in opened if use.at is not None]
        return bool(times) and (max(times) - min(times)).total_seconds() > DELIVERY
    most = 1 if kind is PassKind.SINGLE else allowed
    return most != UNLIMITED and len(opened) > most


def _entry(claims: Claims, uses: Sequence[PassUse], ways_in: int, now: Moment) -> Reason | None:
    """Return why a pass may not come in once more, None where it may."""
    if claims.kind is PassKind.DELIVERY:
        came = [use for use in uses if use.direction is Direction.ENTRY]
        # Here the numbers say which came first; a wall clock that was set back cannot.
        here = min((use for use in came if not use.edge), key=_number, default=None)
        seen = [use for use in came if use.edge or use is here]
        first = min(seen, key=lambda use: use.at or _LONG_AGO, default=None)
        return None if first is None else _in_its_hour(first, now)
    most = 1 if claims.kind is PassKind.SINGLE else claims.uses
    return Reason.USED if most != UNLIMITED and ways_in >= most else None


def _number(use: PassUse) -> int:
    return use.number


def _in_its_hour(first: PassUse, now: Moment) -> Reason | None:
    if first.at_mono is not None:
        ago = now.mono - first.at_mono
    elif first.at is None or now.trust is not Trust.TRUSTED:
        return Reason.CLOCK
    else:
        ago = (now.utc - first.at).total_seconds()
    return None if 0 <= ago <= DELIVERY else Reason.USED


def _is_retry(use: PassUse, lane: int, now: Moment) -> bool:
    return (
        use.state is UseState.RETURNED
        and use.lane == lane
        and not use.edge
        and use.at_mono is not None
        and 0 <= now.mono - use.at_mono <= RETRY_WITHIN
        and use.tries <= RETRIES
    )
