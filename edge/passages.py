"""What the inputs count after an opening: whether anybody went through, and how many too many."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from edge.ports import Clock
from edge.unwritten import Unwritten
from gate.barrier import Barrier, State
from models.event import EventKind
from models.lane import Lane, LaneKind
from models.sensor import Reading
from models.vehicle import TAILGATED


@dataclass(frozen=True, slots=True)
class _Passage:
    """An opening after which nobody has gone through yet."""

    seq: int
    epoch: str
    counted: int
    was_open: bool

    def went(self, reading: Reading) -> bool:
        """Return whether anybody has gone through since; a relay that began anew counts from 0."""
        return reading.passages > (self.counted if reading.epoch == self.epoch else 0)


@dataclass(frozen=True, slots=True)
class _Stream:
    """The cars of one opening or of several that ran into each other."""

    seq: int
    epoch: str
    counted: int
    """What had been counted before the first of them."""
    openings: int = 1
    told: int = 0
    was_open: bool = False


class Passages:
    """Counts for one lane; used by the lane's own thread only."""

    def __init__(
        self,
        lane: Lane,
        clock: Clock,
        unwritten: Unwritten,
        ended: Callable[[int, bool, str], None],
    ) -> None:
        self._lane = lane
        self._ended = ended
        self._clock = clock
        self._unwritten = unwritten
        self._passage: _Passage | None = None
        self._stream: _Stream | None = None
        self.tailgated = 0
        """Cars that went through behind another's opening since the start."""

    def opened(self, seq: int, barrier: Barrier) -> None:
        """Note that the barrier opened for decision `seq`."""
        if barrier.heard is None or not barrier.fitting.presence:
            return
        epoch, counted = barrier.heard.epoch, barrier.heard.passages
        self._passage = _Passage(seq, epoch, counted, was_open=False)
        if self._lane.kind is LaneKind.VEHICLE:
            before = self._stream
            self._stream = (
                _Stream(seq, epoch, counted)
                if before is None
                else replace(before, seq=seq, openings=before.openings + 1)
            )

    def read(self, reading: Reading, state: State) -> None:
        """Note what the inputs have counted; if nobody went through, the use is free."""
        self._count_one(reading, state)
        if self._stream is not None:
            self._stream = self._count_many(self._stream, reading, state)

    def _count_one(self, reading: Reading, state: State) -> None:
        passage = self._passage
        if passage is None:
            return
        passed = passage.went(reading)
        if passed or (passage.was_open and state is State.CLOSED):
            self._unwritten.passage(passage.seq, self._clock.now(), passed=passed)
            self._ended(passage.seq, passed, reading.epoch)
            self._passage = None
        elif state is State.OPEN:
            self._passage = replace(passage, was_open=True)

    def _count_many(self, stream: _Stream, reading: Reading, state: State) -> _Stream | None:
        """Return the stream after a reading, None once it is over; tell of what is too many."""
        if reading.epoch != stream.epoch or reading.passages < stream.counted:
            # The relay has started anew and counts from nothing.
            return None
        went = reading.passages - stream.counted
        over = went - stream.openings
        if over > stream.told:
            self.tailgated += over - stream.told
            text = f"+{over} · #{stream.seq}"
            now = self._clock.now()
            self._unwritten.note(EventKind.ALERT, TAILGATED, now, self._lane.number, text=text)
            stream = replace(stream, told=over)
        if stream.was_open and state is State.CLOSED:
            return None
        return replace(stream, was_open=stream.was_open or state is State.OPEN)
