"""The inbox of one lane: observations in order, reports never lost, the newest reading only."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from edge.wire import Answered
from models.command import Report
from models.movement import Prompt
from models.observation import (
    CardShown,
    FaceSeen,
    GuardPressed,
    Observation,
    PassShown,
    PinEntered,
    PlateSeen,
)
from models.plate import Band
from models.sensor import Reading
from models.standing import Order

ROOM = 16
SAME_WITHIN = 2.0
Answer = Callable[[str, str, int], None]
"""Called once with (answer, reason, seq); seq is 0 where nothing could be recorded."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An observation on its way, its evidence, and whom to tell what came of it."""

    observation: Observation
    crop: bytes | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A named guard takes a barrier back into service."""

    guard: str
    answer: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Stand:
    """A named guard orders something to stand at the lane, None to end what stands.

    `pressed` is when, in seconds of CLOCK_MONOTONIC. `answer` is called once with the answer, its
    reason, and whether it is on record.
    """

    order: Order | None
    guard: str
    pressed: float
    answer: Callable[[str, str, bool], None]


Item = Seen | Report | Reading | Release | Stand | Prompt


def subject(seen: Observation) -> tuple[str, ...] | None:
    """Return who or what a camera's observation is about; None for a person's own act."""
    name: tuple[str, ...]
    match seen:
        case FaceSeen(resident=str(resident)):
            name = ("face", resident)
        case FaceSeen():
            name = ("face", str(seen.fault), seen.at.camera, str(seen.track))
        case PassShown():
            name = ("pass", seen.text)
        case PlateSeen(reading=reading) if reading.band is Band.ACCEPT:
            name = ("plate", reading.text)
        case PlateSeen():
            name = ("plate", str(seen.track), seen.at.camera)
        case CardShown():
            name = ("card", seen.card)
        case PinEntered():
            name = ("pin", seen.pin)
        case GuardPressed():
            return None
    return (*name, seen.at.direction)


class Inbox:
    """Holds what a lane has not looked at yet; one thread takes, any may put."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._seen: deque[Seen] = deque()
        self._reports: deque[Report] = deque()
        self._pressed: deque[Seen] = deque()
        """Guards' presses: whoever waits for one does not wait behind cameras."""
        self._wishes: deque[Release | Stand] = deque()
        self._reading: Reading | None = None
        self._prompt: Prompt | None = None
        self.overflowed = 0
        self.coalesced = 0

    def put(self, item: Item) -> bool:
        """Add an item; return False when there was no room and an observation was turned away."""
        with self._turn:
            match item:
                case Report():
                    self._reports.append(item)
                case Reading():
                    self._reading = item
                case Prompt():
                    self._prompt = item
                case Release() | Stand():
                    self._wishes.append(item)
                case Seen(GuardPressed()):
                    self._pressed.append(item)
                case Seen():
                    if not self._fits(item):
                        return False
            self._turn.notify()
            return True

    def _fits(self, item: Seen) -> bool:
        who = subject(item.observation) if item.answer is None else None
        for index, waiting in enumerate(self._seen):
            if who is not None and waiting.answer is None and subject(waiting.observation) == who:
                self._seen[index] = item
                self.coalesced += 1
                return True
        if len(self._seen) >= ROOM and who is not None:
            self.overflowed += 1
            return False
        self._seen.append(item)
        return True

    def take(self, timeout: float) -> Item | None:
        """Return the next item, relays first, or None after `timeout` seconds."""
        with self._turn:
            self._turn.wait_for(self._any, timeout)
            if self._reports:
                return self._reports.popleft()
            if self._reading is not None:
                reading, self._reading = self._reading, None
                return reading
            if self._wishes:
                return self._wishes.popleft()
            if self._pressed:
                return self._pressed.popleft()
            if self._prompt is not None:
                prompt, self._prompt = self._prompt, None
                return prompt
            return self._seen.popleft() if self._seen else None

    def _any(self) -> bool:
        people = self._pressed or self._seen or self._wishes
        newest = self._reading or self._prompt
        return bool(self._reports or people or newest is not None)


def answered(ref: int, tell: Callable[[Answered], None]) -> Answer:
    """Return an answer that is told as the reply to request `ref`."""

    def answer(word: str, reason: str, seq: int) -> None:
        tell(Answered(ref, word, reason, seq, recorded=seq > 0))

    return answer
