"""Flapping: an input that changes faster than anybody walks is broken, whatever it says.

A presence input that flaps counts as occupied until it has been calm for a while (DESIGN section 5:
what is contradictory counts as occupied).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from models.sensor import Input

MOST = 5
"""Changes within a second that a working input can make."""
WITHIN = 1.0
CALM = 5.0
"""Seconds without flapping after which an input is believed again."""


@dataclass(frozen=True, slots=True)
class Flapping:
    """The changes of the last second, and until when each input is not believed."""

    changes: tuple[tuple[Input, float], ...] = ()
    until: tuple[tuple[Input, float], ...] = ()

    def at(self, now: float) -> frozenset[Input]:
        """Return the inputs that are not believed at `now`."""
        return frozenset(each for each, until in self.until if now < until)


def felt(
    flapping: Flapping, before: Mapping[Input, bool], after: Mapping[Input, bool], now: float
) -> Flapping:
    """Return the flapping after the inputs went from `before` to `after`.

    An input that comes or goes altogether has changed too: a loose wire does that.
    """
    changed = tuple((each, now) for each in Input if before.get(each) is not after.get(each))
    if not changed and not flapping.changes and not flapping.until:
        return flapping
    recent = tuple(one for one in flapping.changes if now - one[1] <= WITHIN) + changed
    until = {each: end for each, end in flapping.until if now < end}
    for each, _ in changed:
        if sum(one is each for one, _ in recent) > MOST:
            until[each] = now + CALM
    # A second of changes is bounded by the wire, but a value is not to grow with what it is told.
    most = len(Input) * (MOST + 1)
    return Flapping(recent[-most:], tuple(until.items()))
