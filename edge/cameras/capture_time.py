"""When a picture was taken, worked out from the stream's own clock and the times of arrival.

Streams stamp their frames (PTS), but from an unknown zero. The frame that came through fastest
tells the offset between that clock and ours; every other frame is as old as it came later than
that. So frames that waited in a buffer are old, however fast they arrive afterwards.
"""

import math
from dataclasses import dataclass

SETTLE_SECONDS = 1.0
"""How long the offset must hold before it is believed: a burst of buffered frames moves it."""

SETTLE_FRAMES = 5
"""How many frames must have come in that time."""

SETTLED_WITHIN = 0.05
"""Seconds by which the offset may still fall while it settles: the jitter of a good network."""

JUMP = 1.0
"""Seconds by which one frame may lower a settled offset; more is a clock that was set."""

DRIFT = 200e-6
"""Seconds a second that the offset may creep up: two bad crystals, so that a slow camera clock
does not make every frame look old after some hours."""

FRESH_WAIT = 0.002
"""Seconds of waiting that prove that no older picture lay in the buffer."""

STALL = 0.5
"""Seconds of silence after which the next picture may have lain in the network."""


@dataclass(slots=True)
class StampedTime:
    """Capture times of a stream whose frames are stamped."""

    _offset: float = math.inf
    _reference: float = math.inf
    _pts: float = -math.inf
    _arrived: float = 0.0
    _since: float = 0.0
    _frames: int = 0
    _settled: bool = False

    @property
    def settled(self) -> bool:
        """Whether the offset between the two clocks is believed."""
        return self._settled

    def captured(self, pts: float | None, arrived: float) -> float | None:
        """Return the capture time of a frame, or None while that is not known.

        `pts` is the frame's stamp in seconds of the camera's clock and `arrived` the reading of
        CLOCK_MONOTONIC when it was there; call it for every frame in the order of arrival. The
        result is never after `arrived`. A stamp that goes back, or leaps ahead of our clock,
        starts the settling again.
        """
        if pts is None:
            return None
        offset = arrived - pts
        if pts < self._pts or (self._settled and offset < self._offset - JUMP):
            self._offset = self._reference = math.inf
            self._settled = False
        crept = self._offset + (arrived - self._arrived) * DRIFT
        self._offset = min(crept, offset)
        self._pts, self._arrived = pts, arrived
        self._settle(arrived)
        return min(pts + self._offset, arrived) if self._settled else None

    def _settle(self, arrived: float) -> None:
        if self._settled:
            return
        if self._offset < self._reference - SETTLED_WITHIN:
            self._reference = self._offset
            self._since = arrived
            self._frames = 0
        self._frames += 1
        self._settled = self._frames >= SETTLE_FRAMES and arrived - self._since >= SETTLE_SECONDS


@dataclass(slots=True)
class UnstampedTime:
    """Capture times of a stream without stamps, such as MJPEG over HTTP.

    A picture that had to be waited for was not in a buffer, so it is as old as its arrival. One
    that was there at once may have waited anywhere, and so may the first one after a silence.
    """

    _arrived: float | None = None

    def captured(self, waited: float, arrived: float) -> float | None:
        """Return the capture time, or None for a picture that may have lain in a buffer.

        `waited` is how long the reader waited for the picture, `arrived` the reading of
        CLOCK_MONOTONIC when it was there, both in seconds.
        """
        before, self._arrived = self._arrived, arrived
        if before is None or arrived - before > STALL or waited < FRESH_WAIT:
            return None
        return arrived
