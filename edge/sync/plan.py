"""How the outbox is emptied: what to do next, as values. Pure; chance and time are arguments.

A batch that the centre will not take is halved until one row is left. That row is put aside only
after the centre has taken an empty batch, so that a centre, proxy or address that refuses
everything never costs an event.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.sync.ports import Key, Row

BATCH: Final = 200
"""Rows of one request."""
IDLE: Final = 1.0
"""Seconds between looks at an empty outbox."""
QUIET: Final = 60
"""Looks at an empty outbox in a row after which the centre is asked whether it is still there."""
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0
"""Seconds; the back-off doubles from the one to the other."""
LONGEST_ASKED: Final = 3600.0
"""Seconds that a Retry-After is believed for."""

_CONTENT: Final = frozenset({400, 413, 422})
"""Answers that speak of what was sent; every other speaks of the centre or the way there."""


@dataclass(frozen=True, slots=True)
class Look:
    """Read up to `limit` rows from the outbox."""

    limit: int


@dataclass(frozen=True, slots=True)
class Upload:
    """Send these rows; none at all asks whether the centre takes anything."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Put this row aside."""

    key: Key
    why: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for so many seconds."""

    seconds: float


Step = Look | Upload | Quarantine | Wait


@dataclass(frozen=True, slots=True)
class Taken:
    """A believable receipt: `named` are the sent rows that it calls safe or put aside."""

    named: frozenset[Key]


@dataclass(frozen=True, slots=True)
class Refused:
    """A status other than 200; `retry_after` in seconds where it was given."""

    status: int
    why: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Unheard:
    """An answer that proves nothing of any row that was sent."""


Answer = Taken | Refused | Unheard


@dataclass(frozen=True, slots=True)
class Course:
    """Where we are: shares of a batch still to be sent, and what stands in the way."""

    shares: tuple[tuple[Row, ...], ...] = ()
    failures: int = 0
    """Failures since the last success."""
    wait: float | None = None
    suspect: str | None = None
    """Why the one row of the first share was refused, while the centre is being tried."""
    condemned: str | None = None
    """The same, once the centre has been seen to take other things."""
    quiet: int = 0
    """Looks at an empty outbox since the centre last answered."""


def step(course: Course) -> Step:
    """Return what is to be done next."""
    if course.wait is not None:
        return Wait(course.wait)
    if not course.shares:
        return Upload(()) if course.quiet >= QUIET else Look(BATCH)
    first = course.shares[0]
    if course.condemned is not None:
        return Quarantine((first[0].journal, first[0].seq), course.condemned)
    return Upload(() if course.suspect is not None else first)


def found(course: Course, rows: Sequence[Row]) -> Course:
    """Return the course after a look at the outbox."""
    if not rows:
        return replace(course, wait=IDLE, quiet=course.quiet + 1)
    return replace(course, shares=(tuple(rows),), quiet=0)


def waited(course: Course) -> Course:
    """Return the course after a wait."""
    return replace(course, wait=None)


def put_aside(course: Course) -> Course:
    """Return the course after its first share, one row, was put aside."""
    return replace(course, shares=course.shares[1:], condemned=None)


def failed(course: Course, chance: float, retry_after: float | None = None) -> Course:
    """Return the course after a failure: a wait, then a fresh look.

    The wait doubles with each failure up to LONGEST_WAIT, spread over its upper half by `chance`
    (0 to 1) so that a street of edges does not come back as one; never sooner than was asked for.
    """
    doubled = FIRST_WAIT * 2.0 ** min(course.failures, 16)
    spread = min(doubled, LONGEST_WAIT) * (0.5 + chance / 2)
    asked = 0.0 if retry_after is None else min(retry_after, LONGEST_ASKED)
    wait = spread if asked <= spread else asked + chance * FIRST_WAIT
    quiet = 0 if course.shares else course.quiet
    return Course(failures=course.failures + 1, wait=wait, quiet=quiet)


def heard(course: Course, answer: Answer, chance: float) -> Course:
    """Return the course after the answer to an upload; `chance` is 0 to 1."""
    match answer:
        case Taken() if not course.shares:
            return replace(course, failures=0, quiet=0)
        case Taken() if course.suspect is not None:
            return replace(course, suspect=None, condemned=course.suspect, failures=0)
        case Taken(named) if named:
            return replace(course, shares=course.shares[1:], failures=0)
        case Refused(status, why) if (
            status in _CONTENT and course.suspect is None and course.shares
        ):
            return _halved(course, why)
        case Refused(retry_after=seconds):
            return failed(course, chance, seconds)
        case _:
            return failed(course, chance)


def _halved(course: Course, why: str) -> Course:
    first, *others = course.shares
    if len(first) == 1:
        return replace(course, suspect=why)
    middle = len(first) // 2
    return replace(course, shares=(first[:middle], first[middle:], *others))
