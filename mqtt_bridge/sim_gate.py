"""A gate that does not exist: arm, loop, beam, edge, fire and contact moved by time. Pure.

The gate's own controller is in it too: a `pulse` gate closes itself once it has stood open and
nobody is in it; a `hold` lock falls shut after its time; an `open_close` gate waits to be told.
"""

from dataclasses import dataclass, replace

from models.command import Action, Position
from models.lane import Drive
from models.sensor import Input
from mqtt_bridge.relay_core import Senses


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: `travel` for the whole way of the arm, `stay` open, `walk` through the beam."""

    travel: float = 0.6
    stay: float = 3.0
    walk: float = 0.4


@dataclass(frozen=True, slots=True)
class SimGate:
    """One gate.

    `since` is when its present movement or rest began, `shut` how far the arm was from fully
    open then (0 to 1). `squeezed` is the safety edge, `forced` a leaf that was levered open.
    """

    drive: Drive
    wired: frozenset[Input]
    timing: Timing = Timing()
    position: Position = Position.CLOSED
    since: float = 0.0
    shut: float = 1.0
    standing: bool = False
    squeezed: bool = False
    forced: bool = False
    walking_since: float | None = None
    fire: bool = False
    cut: frozenset[Input] = frozenset()
    passages: int = 0
    shows_position: bool = True


def at(gate: SimGate, now: float) -> SimGate:
    """Return the gate as it is at `now`."""
    gate = _walked(gate, now)
    while (after := _turned(gate, now)) != gate:
        gate = after
    return gate


def moved(gate: SimGate, action: Action, now: float) -> SimGate:
    """Return the gate after its relay was moved."""
    gate = at(gate, now)
    heading = Position.OPENING if action is Action.OPEN else Position.CLOSING
    if gate.drive is Drive.HOLD:
        # A lock has no arm: it is free or it is not.
        here = Position.OPEN if action is Action.OPEN else Position.CLOSED
        return replace(gate, position=here, since=now, shut=float(here is Position.CLOSED))
    if action is Action.OPEN and gate.position is Position.OPEN:
        return replace(gate, since=now)
    if action is Action.CLOSE and gate.position is Position.CLOSED:
        return gate
    return replace(gate, position=heading, since=now, shut=_shut(gate, now))


def walks(gate: SimGate, now: float) -> SimGate | None:
    """Return the gate with a person on the way through; None where it is not open for one."""
    gate = at(gate, now)
    free = gate.walking_since is None and not gate.standing
    if not free or gate.position not in (Position.OPEN, Position.OPENING):
        return None
    return replace(gate, walking_since=now)


def senses(gate: SimGate) -> Senses:
    """Return what the inputs feel."""
    felt = {
        Input.LOOP: gate.standing,
        Input.RADAR: gate.standing,
        Input.BEAM: gate.standing or gate.walking_since is not None,
        Input.EDGE: gate.squeezed,
        Input.FIRE: gate.fire,
        Input.CONTACT: gate.position is Position.CLOSED and not gate.forced,
    }
    inputs = {name: on for name, on in felt.items() if name in gate.wired - gate.cut}
    position = gate.position if gate.shows_position else Position.UNKNOWN
    return Senses(position, inputs, gate.passages)


def _walked(gate: SimGate, now: float) -> SimGate:
    if gate.walking_since is None or now - gate.walking_since < gate.timing.walk:
        return gate
    gone = gate.walking_since + gate.timing.walk
    since = max(gate.since, gone) if gate.position is Position.OPEN else gate.since
    return replace(gate, walking_since=None, passages=gate.passages + 1, since=since)


def _turned(gate: SimGate, now: float) -> SimGate:
    match gate.position:
        case Position.OPENING:
            done = gate.since + gate.shut * gate.timing.travel
            if now >= done:
                return replace(gate, position=Position.OPEN, since=done, shut=0.0)
        case Position.CLOSING:
            done = gate.since + (1 - gate.shut) * gate.timing.travel
            if now >= done:
                return replace(gate, position=Position.CLOSED, since=done, shut=1.0)
        case Position.OPEN if gate.drive is not Drive.OPEN_CLOSE:
            done = gate.since + gate.timing.stay
            if gate.fire or gate.standing or gate.squeezed or gate.walking_since is not None:
                return gate
            if now >= done and gate.drive is Drive.HOLD:
                return replace(gate, position=Position.CLOSED, since=done, shut=1.0)
            if now >= done:
                return replace(gate, position=Position.CLOSING, since=done)
        case _:
            pass
    return gate


def _shut(gate: SimGate, now: float) -> float:
    way = (now - gate.since) / gate.timing.travel
    match gate.position:
        case Position.OPENING:
            return max(0.0, gate.shut - way)
        case Position.CLOSING:
            return min(1.0, gate.shut + way)
        case _:
            return gate.shut
