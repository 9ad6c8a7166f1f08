"""The watch over one camera: it notices silence by the clock, reopens, and complains once."""

import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass

from edge.cameras.back_off import back_off
from edge.cameras.capture import Capture, Phase
from edge.cameras.judge import ADVICE, PictureJudge
from edge.cameras.source import UNKNOWN, About, Opener, Picture
from edge.latest import Latest
from models.frame import Frame

log = logging.getLogger(__name__)

_ADVICE_SILENT = "check the camera's power and network cable"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a camera is waited for, in seconds, and how many hung readers are borne."""

    silent: float = 2.0
    """Without a picture for so long it is called silent."""
    hung: float = 6.0
    """Without a picture for so long its reader is abandoned and the camera opened anew."""
    opening: float = 10.0
    """A try that has not got its first picture by then is abandoned."""
    back_off: float = 5.0
    """The longest wait between two tries."""
    stuck: int = 3
    """So many abandoned readers may hang at a time; then nothing is opened until one returns."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How a camera is, in the words of wire.CameraState."""

    state: str
    about: About
    fps: float
    dropped: int
    complaint: str

    @property
    def ok(self) -> bool:
        """Whether there is nothing for a person to do."""
        return self.state in {"live", "ended"} or (self.state == "opening" and not self.complaint)


class Watch:
    """Keeps one camera going; `turn` and `condition` belong to one thread, the rest to any.

    `share` draws a number from 0 to 1 for the back-off. Pictures that are black or frozen are for
    previews only: they never reach `frames`.
    """

    def __init__(
        self,
        camera: str,
        opener: Opener,
        frames: Latest[Frame],
        *,
        clock: Callable[[], float],
        share: Callable[[], float],
        patience: Patience | None = None,
    ) -> None:
        self.camera = camera
        self.frames = frames
        self._newest: Frame | None = None
        self._opener = opener
        self._clock = clock
        self._share = share
        self._patience = patience or Patience()
        self._numbers = itertools.count(1)
        self._try: Capture | None = None
        self._stuck: list[Capture] = []
        self._failures = 0
        self._retry_at = float("-inf")
        self._complaint = ""
        self._ended = False
        self._about = UNKNOWN
        self._verdict: str | None = None
        self._rate = _Rate()

    def turn(self, now: float) -> None:
        """Look after the camera; call it a few times a second."""
        self._stuck = [capture for capture in self._stuck if capture.alive]
        if self._try is None:
            if not self._ended and now >= self._retry_at:
                self._open(now)
            return
        sign = self._try.sign
        self._about = sign.about if sign.about != UNKNOWN else self._about
        self._rate.note(sign.pictures, now)
        if sign.phase is Phase.FAILED:
            self._outage(str(sign.fault), now)
        elif sign.phase is Phase.ENDED:
            self._ended, self._try = True, None
            log.info("camera %s: its recording has ended", self.camera)
        elif now - sign.at > self._limit(sign.phase):
            self._try.abandon()
            self._stuck.append(self._try)
            self._outage(f"no picture for {now - sign.at:.0f} s; {_ADVICE_SILENT}", now)
        elif sign.phase is Phase.RUNNING and now - sign.at <= self._patience.silent:
            self._recovered()

    def show(self) -> Frame | None:
        """Return the newest frame for people to look at, believed or not."""
        return self._newest

    def condition(self, now: float) -> Condition:
        """Return how the camera is."""
        state, complaint = self._state(now)
        fps = self._about.fps or self._rate.fps
        return Condition(state, self._about, fps, self.frames.dropped, complaint)

    def stop(self, timeout: float = 3.0) -> None:
        """Stop reading and wait for the reader that is not hanging."""
        capture, self._try = self._try, None
        self._ended = True
        if capture is not None:
            capture.abandon()
            capture.join(timeout)

    def _open(self, now: float) -> None:
        if len(self._stuck) >= self._patience.stuck:
            self._retry_at = now + self._patience.back_off
            return
        judge = PictureJudge()
        self._verdict = None
        self._try = Capture(
            self.camera,
            self._opener,
            lambda picture, about: self._deliver(picture, about, judge),
            self._clock,
        )

    def _deliver(self, picture: Picture, about: About, judge: PictureJudge) -> None:
        self._verdict = judge.judge(picture.pixels, self._clock()) if about.live else None
        frame = Frame(self.camera, next(self._numbers), picture.captured, picture.pixels)
        self._newest = frame
        if self._verdict is None:
            self.frames.put(frame)

    def _limit(self, phase: Phase) -> float:
        return self._patience.opening if phase is Phase.OPENING else self._patience.hung

    def _outage(self, complaint: str, now: float) -> None:
        self._try = None
        self._failures += 1
        self._retry_at = now + back_off(self._failures, self._patience.back_off, self._share())
        if not self._complaint:
            log.info("camera %s: %s", self.camera, complaint)
        self._complaint = complaint

    def _recovered(self) -> None:
        if self._complaint:
            log.info("camera %s: pictures come again", self.camera)
        self._complaint = ""
        self._failures = 0

    def _state(self, now: float) -> tuple[str, str]:
        if self._ended:
            return "ended", ""
        if len(self._stuck) >= self._patience.stuck:
            return "silent", f"its readers hang; restart the camera; {self._complaint}"
        sign = self._try.sign if self._try is not None else None
        if sign is not None and sign.phase is Phase.RUNNING:
            return self._running(now - sign.at)
        if sign is not None and sign.fault is not None:
            return "away", str(sign.fault)
        return ("away", self._complaint) if self._complaint else ("opening", "")

    def _running(self, silence: float) -> tuple[str, str]:
        if silence > self._patience.silent:
            return "silent", f"no picture for {silence:.0f} s; {_ADVICE_SILENT}"
        verdict = self._verdict
        return ("live", "") if verdict is None else (verdict, ADVICE[verdict])


class _Rate:
    """Pictures a second, measured over the last two seconds or so."""

    def __init__(self) -> None:
        self.fps = 0.0
        self._pictures = 0
        self._since: float | None = None

    def note(self, pictures: int, now: float) -> None:
        if self._since is None or pictures < self._pictures:
            self._pictures, self._since = pictures, now
        elif now - self._since >= 2.0:  # noqa: PLR2004 - long enough for a steady figure
            self.fps = (pictures - self._pictures) / (now - self._since)
            self._pictures, self._since = pictures, now
