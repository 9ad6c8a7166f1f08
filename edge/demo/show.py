"""The show: tells the story over and over, and can be paused and moved on by the viewer."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from edge.demo.director import Result
from edge.demo.story import Prop, Step, told_again
from models.errors import KuahuError

BETWEEN_STEPS = 3.0
BETWEEN_TELLINGS = 20.0
_AGAIN = 3.0
"""Seconds before a step is tried again for which the demo itself could not be reached."""

_log = logging.getLogger("kuahu.demo")


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """How the present telling goes: the step being played if any, and how the others ended."""

    telling: int = 0
    step: str = ""
    results: tuple[Result, ...] = ()
    playing: bool = True


class Player(Protocol):
    """Whoever plays one step."""

    def play(self, step: Step, codes: Mapping[Prop, str]) -> Result:
        """Return how `step` ended.

        Raises KuahuError when it could not be played at all.
        """


class Show:
    """Plays the story until `stop`; told what to do from any thread.

    `codes` makes the passes of one telling, `heard` is told every result.
    """

    def __init__(
        self,
        director: Player,
        codes: Callable[[], Mapping[Prop, str]],
        stop: threading.Event,
        heard: Callable[[Result], None],
    ) -> None:
        self._director = director
        self._codes = codes
        self._stop = stop
        self._heard = heard
        self._turn = threading.Condition()
        self._asked_next = False
        self._board = Scoreboard()

    @property
    def board(self) -> Scoreboard:
        """How it goes."""
        return self._board

    def play(self, *, playing: bool) -> None:
        """Go on, or pause after the present step."""
        with self._turn:
            self._board = replace(self._board, playing=playing)
            self._turn.notify_all()

    def next(self) -> None:
        """Play the next step now, paused or not."""
        with self._turn:
            self._asked_next = True
            self._turn.notify_all()

    def wake(self) -> None:
        """Let go of a pause, because `stop` was set."""
        with self._turn:
            self._turn.notify_all()

    def run(self) -> None:
        """Tell the story till `stop`."""
        while not self._stop.is_set():
            self._tell()
            self._pause(BETWEEN_TELLINGS)

    def _tell(self) -> None:
        codes: Mapping[Prop, str] = {}
        with self._turn:
            self._board = replace(self._board, telling=self._board.telling + 1, results=())
        for step in told_again(self._board.telling):
            while not self._stop.is_set():
                self._pause(BETWEEN_STEPS)
                try:
                    codes = codes or self._codes()
                    self._one(step, codes)
                    break
                except KuahuError as error:
                    _log.warning("the demo cannot go on with %s: %s", step.name, error)
                    self._stop.wait(_AGAIN)

    def _one(self, step: Step, codes: Mapping[Prop, str]) -> None:
        if self._stop.is_set():
            return
        self._board = replace(self._board, step=step.name)
        try:
            result = self._director.play(step, codes)
        finally:
            self._board = replace(self._board, step="")
        self._board = replace(self._board, results=(*self._board.results, result))
        self._heard(result)

    def _pause(self, seconds: float) -> None:
        """Wait so long while playing, and for ever while paused, unless told to move on."""
        with self._turn:
            self._turn.wait_for(self._moves_on, seconds)
            self._turn.wait_for(lambda: self._board.playing or self._moves_on())
            self._asked_next = False

    def _moves_on(self) -> bool:
        return self._asked_next or self._stop.is_set()
