"""What a lane knows of the car before it: whether one stands there, and whose plate it carries."""

from dataclasses import dataclass, replace

from edge.inbox import Seen, subject
from gate.barrier import Barrier, State
from gate.vehicle_presence import vehicle_presence
from models.decision import Verdict
from models.facts import Facts
from models.lane import Credential, Direction, Lane, LaneKind
from models.observation import Observation, PlateSeen, Sighting
from models.plate import Band, Ground, PlateKind, PlateReading
from models.vehicle import Presence, Restriction

ARRIVES = 2.0
"""Seconds that a plate may be read before its car stands where only a vehicle is felt."""
UNREAD = 5.0
"""Seconds that a car stands there without a word about its plate before the guard is asked."""
AGAIN = 30.0
"""Seconds in which a car that was not let in is not answered a second time."""
SEEN_FOR = 5.0
"""Seconds that a car which was seen in a lane for bicycles counts as standing there."""
STUCK = 600.0
"""Seconds after which an input that was never clear is taken for a broken one."""

_NOTHING = PlateReading("", PlateKind.OTHER, Ground.UNSURE, 0.0, Band.ASK, frames=0)


@dataclass(frozen=True, slots=True)
class _Waiting:
    item: Seen
    since: float


class CarWatch:
    """Keeps one lane's car; used by the lane's own thread only."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._reads = Credential.PLATE in lane.credentials
        self._presence = Presence.UNKNOWN
        self._there_since: float | None = None
        self._stands_since: float | None = None
        """Since when the car that stands there now has been there, as far as can be known."""
        self._waiting: _Waiting | None = None
        self._answered: dict[tuple[str, ...], float] = {}
        self._heeded_at = float("-inf")
        self._seen_at = float("-inf")
        self._restriction: Restriction | None = None

    def offer(self, item: Seen, now: float) -> Seen | None:
        """Return what is to be decided now of an item: itself, or None while its car is awaited."""
        seen = item.observation
        if not isinstance(seen, PlateSeen):
            return item
        if not self._reads:
            self._seen_at = max(self._seen_at, seen.at.captured)
        if not self._reads or self._presence is not Presence.CLEAR:
            return None if self._known(seen, now) else item
        since = now if self._waiting is None else self._waiting.since
        self._waiting = _Waiting(item, since)
        return None

    def look(self, barrier: Barrier, now: float) -> Seen | None:
        """Return what is to be decided now that the inputs spoke or time passed, if anything."""
        self._feel(barrier, now)
        waiting = self._waiting
        if waiting is not None:
            came = self._presence is not Presence.CLEAR
            if came or now - waiting.since >= min(ARRIVES, self._lane.max_age / 2):
                self._waiting = None
                seen = waiting.item.observation
                late = now - seen.at.captured > self._lane.max_age
                return None if late or self._known(seen, now) else waiting.item
        return self._unread(barrier, now)

    def applied(self, facts: Facts, seen: Observation, now: float) -> Facts:
        """Return the facts of an observation here with what is known of the car before the lane."""
        presence = self._presence
        if self._lane.kind is LaneKind.EBIKE and now - self._seen_at <= SEEN_FOR:
            presence = Presence.THERE
        if isinstance(seen, PlateSeen):
            stands = self._reads and presence is Presence.THERE
            self._restriction = facts.restriction if stands else None
            return replace(facts, presence=presence)
        if self._restriction is None and presence is Presence.UNKNOWN:
            return facts
        return replace(facts, presence=presence, restriction=self._restriction)

    def decided(self, seen: Observation, verdict: Verdict, now: float) -> None:
        """Note that somebody here was answered: what is asked of a car that waits may be over."""
        self._heeded_at = now
        if isinstance(seen, PlateSeen) and verdict is not Verdict.OPEN:
            self._answered[self._key(seen)] = now

    def _feel(self, barrier: Barrier, now: float) -> None:
        presence = vehicle_presence(barrier, now)
        if presence is not Presence.THERE:
            self._there_since = self._stands_since = None
        else:
            self._there_since = now if self._there_since is None else self._there_since
            moved = barrier.state in (State.OPEN, State.OPENING, State.CLOSING)
            if self._stands_since is None or moved:
                self._stands_since = now
            if now - self._there_since > STUCK:
                presence = Presence.UNKNOWN
        if presence is not Presence.THERE:
            self._restriction = None
        self._presence = presence

    def _unread(self, barrier: Barrier, now: float) -> Seen | None:
        """Return a plate without text where a car has stood for long and nobody was answered."""
        since = self._stands_since
        if not self._reads or since is None or self._presence is not Presence.THERE:
            return None
        if now - since < UNREAD or self._heeded_at >= since or barrier.state is State.HELD_GUARD:
            return None
        exits = self._lane.directions == {Direction.EXIT}
        at = Sighting(self._lane.number, Direction.EXIT if exits else Direction.ENTRY, now)
        return Seen(PlateSeen(at, _NOTHING, track=0, nearing=False))

    def _known(self, seen: Observation, now: float) -> bool:
        """Return whether this car was answered already, with nothing changed since."""
        self._answered = {key: at for key, at in self._answered.items() if now - at < AGAIN}
        return self._key(seen) in self._answered

    def _key(self, seen: Observation) -> tuple[str, ...]:
        return (*(subject(seen) or ()), self._presence)
