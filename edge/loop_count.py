"""What a lane's loops count, held against what its journal tells: nobody goes through untold.

An opening's own passage is told by edge/passages.py. Everybody else is told here: who follows, who
goes through a barrier that stands open, and who went while nobody was writing.
"""

from collections import deque

from edge.ports import Ledger
from edge.unwritten import Unwritten
from gate.barrier import State
from gate.counting import Count, untold
from models.errors import StoreFault
from models.lane import Direction, Lane
from models.moment import Moment
from models.sensor import Reading

Way = tuple[Direction | None, int | None]


class LoopCount:
    """Counts for one lane; used by the lane's own thread only."""

    def __init__(self, lane: Lane, ledger: Ledger, unwritten: Unwritten) -> None:
        self._lane = lane.number
        self._unwritten = unwritten
        self._only = next(iter(lane.directions)) if len(lane.directions) == 1 else None
        self._ledger = ledger
        self._told: Count | None = None
        self._ahead: Count | None = None
        """Those of a new epoch that rows tell of before the epoch itself is told."""
        self._read = False
        self._openings: deque[tuple[int, Direction]] = deque(maxlen=8)
        """Openings whose passage nobody has seen yet."""
        self._last: Direction | None = None

    def opened(self, seq: int, direction: Direction) -> None:
        """Note that the barrier opened for decision `seq`."""
        self._openings.append((seq, direction))
        self._last = direction

    def ended(self, seq: int, passed: bool, epoch: str) -> None:  # noqa: FBT001 - the fact itself
        """Note that a row tells whether anybody passed after decision `seq`, counted in `epoch`."""
        self._openings = deque((one for one in self._openings if one[0] != seq), maxlen=8)
        if not passed or self._told is None:
            return
        if epoch == self._told.epoch:
            self._told = Count(epoch, self._told.number + 1)
        else:
            self._ahead = Count(epoch, self._number_ahead(epoch) + 1)

    def read(self, reading: Reading, state: State, now: Moment) -> None:
        """Tell of everybody whom the loops have counted and no row tells of."""
        if reading.epoch and self._knows():
            heard = Count(reading.epoch, reading.passages)
            found = untold(self._told, heard)
            if found.passed or found.unwatched:
                ahead = self._number_ahead(heard.epoch) if found.unwatched else 0
                ways = self._ways(max(0, found.passed - ahead))
                anew = heard if found.unwatched else None
                self._told = heard
                self._unwritten.through(self._lane, ways, anew, now)
        if state is State.CLOSED:
            self._openings.clear()
            self._last = None

    def _number_ahead(self, epoch: str) -> int:
        ahead = self._ahead
        return ahead.number if ahead is not None and ahead.epoch == epoch else 0

    def _knows(self) -> bool:
        """Return whether it is known up to which count the journal tells of everybody."""
        if not self._read:
            try:
                self._told, self._read = self._ledger.told_count(self._lane), True
            except StoreFault:
                return False
        return True

    def _ways(self, passed: int) -> list[Way]:
        """Return the direction of each: by the openings that nobody went through yet, in order."""
        known: list[Way] = []
        while self._openings and len(known) < passed:
            seq, way = self._openings.popleft()
            known.append((way, seq))
        return known + [(self._only or self._last, None)] * (passed - len(known))
