"""The barrier of one lane: what it is believed to be doing, and what to ask of its relay next.

Rules of this file:
- nothing is closed unless every presence input is fresh and clear; stale, missing, flapping or
  contradictory counts as occupied;
- fire outranks everything: it opens, blocks every close, and only a named guard ends it;
- what a named guard holds open is never closed, and is opened again where it shuts by itself;
- a barrier that closes itself (`pulse`, `hold`) is never told to close;
- what is not known is `unknown`, and is resolved by sensors or a guard, never by hoping.

Everything that changes a barrier's state is in this file, which reads no clock and sends nothing.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from gate.flapping import Flapping, felt
from models.command import Action, Outcome, Position, Refusal, Report
from models.lane import Drive
from models.sensor import Input, Reading

FRESH = 1.5
"""Seconds after which an input's last word says nothing; relays speak once a second."""
AWAY = 2.5
"""Seconds of silence after which a relay is away (docs/mqtt.md)."""
CLEAR_FOR = 1.0
"""Seconds that a lane must have been clear before its barrier closes."""
FIRE_AGAIN = 3.0
"""Seconds after which a fire opens again what is still not seen to be open."""
HOLD_AGAIN = 3.0
"""Seconds, at least, after which a barrier that is held open is opened again once it has shut."""
OBSTRUCTIONS = 3
"""Closings in a row that met someone, after which the barrier stays open for a guard."""


class State(StrEnum):
    """What the barrier is believed to be doing."""

    CLOSED = "closed"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    OBSTRUCTED = "obstructed"
    HELD_FIRE = "held_fire"
    HELD_GUARD = "held_guard"
    FAULT = "fault"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fitting:
    """How a lane is built: constant for a run."""

    drive: Drive
    presence: frozenset[Input]
    open_for: float
    vehicle: frozenset[Input] = frozenset()
    """The inputs that only a vehicle trips; a plate opens nothing unless one of them is active."""


@dataclass(frozen=True, slots=True)
class Barrier:
    """One barrier as believed at one moment; all times are seconds of CLOCK_MONOTONIC."""

    fitting: Fitting
    state: State = State.UNKNOWN
    since: float = 0.0
    heard: Reading | None = None
    clear_since: float | None = None
    obstructions: int = 0
    fire_asked: float = 0.0
    """When the last opening for a fire was asked for."""
    hold_asked: float = 0.0
    """When the last opening for a guard's hold was asked for."""
    awaiting: str | None = None
    """The cmd_id that no report has answered yet."""
    answer_by: float = field(default=0.0)
    flapping: Flapping = field(default_factory=Flapping)

    @property
    def measured(self) -> bool:
        """Whether a position wire tells where the barrier is."""
        return self.heard is not None and self.heard.position is not Position.UNKNOWN

    @property
    def fire(self) -> bool:
        """Whether the fire input is active, or has been and no guard has looked since."""
        return self.state is State.HELD_FIRE or _burns(self)

    def occupied(self, now: float) -> bool:
        """Return whether somebody may be under the barrier: true unless every input says not."""
        heard = self.heard
        if not self.fitting.presence:
            return False
        if heard is None or now - heard.at > FRESH:
            return True
        if self.flapping.at(now) & self.fitting.presence:
            return True
        return any(heard.active.get(each, True) for each in self.fitting.presence)


@dataclass(frozen=True, slots=True)
class Sent:
    """A command is on its way; no answer by `answer_by` means that nobody knows."""

    cmd_id: str
    action: Action
    answer_by: float


@dataclass(frozen=True, slots=True)
class Reset:
    """A named guard has looked, and takes the barrier back into service."""


@dataclass(frozen=True, slots=True)
class HoldOpen:
    """A named guard wants the barrier to stay open; `asks` is False where that stood before we did.

    At a start nothing is commanded: where the barrier is must be read first.
    """

    asks: bool = True


@dataclass(frozen=True, slots=True)
class EndHold:
    """A named guard no longer wants the barrier to stay open."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Happening = Sent | Report | Reading | Reset | HoldOpen | EndHold | Tick
Step = tuple[Barrier, tuple[Action, ...]]

_AT = MappingProxyType(
    {
        Position.CLOSED: State.CLOSED,
        Position.OPENING: State.OPENING,
        Position.OPEN: State.OPEN,
        Position.CLOSING: State.CLOSING,
    }
)
_HELD = frozenset({State.HELD_FIRE, State.HELD_GUARD})
_STAYS = _HELD | {State.OBSTRUCTED, State.FAULT}


def step(barrier: Barrier, what: Happening, now: float) -> Step:
    """Return the barrier after `what` happened at `now`, and what to ask of the relay next."""
    match what:
        case Reading():
            return _read(barrier, what, now)
        case Sent():
            return _sent(barrier, what, now)
        case Report():
            return _reported(barrier, what, now)
        case HoldOpen():
            return _hold(barrier, what, now)
        case Reset() | EndHold():
            return _reset(barrier, now) if isinstance(what, Reset) else _end_hold(barrier, now)
        case Tick():
            return _tick(barrier, now)


def _read(barrier: Barrier, reading: Reading, now: float) -> Step:
    silent = barrier.heard is None or now - barrier.heard.at > FRESH
    clear_since = None if silent else barrier.clear_since
    before = barrier.heard.active if barrier.heard is not None else reading.active
    flapping = felt(barrier.flapping, before, reading.active, now)
    barrier = replace(barrier, heard=reading, flapping=flapping)
    clear = not barrier.occupied(now)
    if not clear:
        clear_since = None
    elif clear_since is None:
        clear_since = now
    barrier = replace(barrier, clear_since=clear_since)
    if _burns(barrier):
        return _burning(barrier, now)
    if barrier.state is State.HELD_GUARD:
        return _holding(barrier, now)
    barrier = _settled(barrier, now)
    moving = barrier.state is State.CLOSING and reading.position is not Position.CLOSED
    if moving and not clear:
        count = barrier.obstructions + 1
        state = State.OBSTRUCTED if count >= OBSTRUCTIONS else State.OPENING
        return _to(barrier, state, now, obstructions=count), (Action.OPEN,)
    return _maybe_close(barrier, now)


def _reset(barrier: Barrier, now: float) -> Step:
    if _burns(barrier):
        return barrier, ()
    barrier = replace(barrier, awaiting=None)
    return _settled(_to(barrier, State.UNKNOWN, now, obstructions=0), now), ()


def _burns(barrier: Barrier) -> bool:
    return barrier.heard is not None and barrier.heard.active.get(Input.FIRE, False)


def _burning(barrier: Barrier, now: float) -> Step:
    """Open at once, and again every few seconds while the barrier is not seen to be open."""
    first = barrier.state is not State.HELD_FIRE
    assert barrier.heard is not None
    seen_open = barrier.heard.position in (Position.OPEN, Position.OPENING)
    if not first and (seen_open or now - barrier.fire_asked < FIRE_AGAIN):
        return barrier, ()
    return replace(_to(barrier, State.HELD_FIRE, now), fire_asked=now), (Action.OPEN,)


def _hold(barrier: Barrier, wish: HoldOpen, now: float) -> Step:
    if _burns(barrier) or barrier.state is State.HELD_FIRE:
        return barrier, ()
    held = replace(_to(barrier, State.HELD_GUARD, now), hold_asked=now)
    return held, (Action.OPEN,) if wish.asks else ()


def _holding(barrier: Barrier, now: float) -> Step:
    """Open again what is not open any more: by its position wire, else by the time it stays."""
    assert barrier.heard is not None
    fitting = barrier.fitting
    if barrier.measured:
        is_open, again = barrier.heard.position in (Position.OPEN, Position.OPENING), HOLD_AGAIN
    else:
        is_open, again = fitting.drive is Drive.OPEN_CLOSE, max(HOLD_AGAIN, fitting.open_for)
    if is_open or now - barrier.hold_asked < again:
        return barrier, ()
    return replace(barrier, hold_asked=now), (Action.OPEN,)


def _end_hold(barrier: Barrier, now: float) -> Step:
    if barrier.state is not State.HELD_GUARD:
        return barrier, ()
    barrier = replace(barrier, awaiting=None)
    return _settled(_to(barrier, State.OPEN, now, obstructions=0), now), ()


def _settled(barrier: Barrier, now: float) -> Barrier:
    """Return the barrier where its position wire, if it has one, says that it is."""
    if barrier.state in _STAYS or barrier.awaiting is not None or barrier.heard is None:
        return barrier
    state = _AT.get(barrier.heard.position)
    if state is None:
        closes_itself = barrier.fitting.drive is not Drive.OPEN_CLOSE
        over = now - barrier.since >= barrier.fitting.open_for
        if barrier.state is State.UNKNOWN and closes_itself and over:
            return _to(barrier, State.CLOSED, now)
        return barrier
    return barrier if state is barrier.state else _to(barrier, state, now)


def _sent(barrier: Barrier, sent: Sent, now: float) -> Step:
    barrier = replace(barrier, awaiting=sent.cmd_id, answer_by=sent.answer_by)
    if barrier.state in _STAYS:
        return barrier, ()
    moving = State.OPENING if sent.action is Action.OPEN else State.CLOSING
    return _to(barrier, moving, now), ()


def _reported(barrier: Barrier, report: Report, now: float) -> Step:
    if report.cmd_id != barrier.awaiting:
        return barrier, ()
    barrier = replace(barrier, awaiting=None)
    if barrier.state in _STAYS:
        return barrier, ()
    match report.outcome:
        case Outcome.DONE:
            reached = _AT.get(report.position)
            return (_to(barrier, reached, now) if reached else barrier), ()
        case Outcome.REFUSED if report.why is Refusal.FAULT:
            return _to(barrier, State.FAULT, now), ()
        case Outcome.REFUSED | Outcome.AWAY:
            return _settled(_to(barrier, State.UNKNOWN, now), now), ()
        case Outcome.TIMED_OUT | Outcome.UNKNOWN:
            return _to(barrier, State.UNKNOWN, now), ()


def _tick(barrier: Barrier, now: float) -> Step:
    if barrier.heard is not None and now - barrier.heard.at > AWAY and barrier.awaiting is None:
        barrier = replace(barrier, clear_since=None)
        return (barrier if barrier.state in _STAYS else _to(barrier, State.UNKNOWN, now)), ()
    if barrier.measured or barrier.awaiting is not None:
        return _maybe_close(barrier, now)
    elapsed = now - barrier.since
    if barrier.state is State.OPENING and elapsed >= 1.0:
        barrier = _to(barrier, State.OPEN, now)
    elif barrier.state is State.OPEN and barrier.fitting.drive is not Drive.OPEN_CLOSE:
        if elapsed >= barrier.fitting.open_for:
            barrier = _to(barrier, State.CLOSED, now)
    elif barrier.state is State.CLOSING and elapsed >= 1.0:
        barrier = _to(barrier, State.CLOSED, now)
    return _maybe_close(barrier, now)


def _maybe_close(barrier: Barrier, now: float) -> Step:
    """Ask for a close when nobody can be under the barrier and its time is over."""
    if barrier.state is not State.OPEN or barrier.awaiting is not None:
        return barrier, ()
    if barrier.fitting.drive is not Drive.OPEN_CLOSE or not barrier.fitting.presence:
        return barrier, ()
    if now - barrier.since < barrier.fitting.open_for:
        return barrier, ()
    if barrier.occupied(now):
        return barrier, ()
    if barrier.clear_since is None or now - barrier.clear_since < CLEAR_FOR:
        return barrier, ()
    return barrier, (Action.CLOSE,)


def _to(barrier: Barrier, state: State, now: float, *, obstructions: int | None = None) -> Barrier:
    if obstructions is None:
        obstructions = 0 if state is State.CLOSED else barrier.obstructions
    since = barrier.since if state is barrier.state else now
    return replace(barrier, state=state, since=since, obstructions=obstructions)
