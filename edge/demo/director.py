"""The director: plays a step of the story against the running product and judges its outcome.

A step is right only when the product's journal and the simulated relay's own ledger agree: an
opening stands in the journal as done and in the ledger exactly once; a refusal stands in the
journal with its reason, and the ledger shows that nothing moved.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from edge.demo.portrait import Who
from edge.demo.scenes import EMPTY, CarHere, CodeHeldUp, FaceHere, PlateInHand, Scene
from edge.demo.story import NO_SCENE, OPENED, PLATE, STRANGE_PLATE, Prop, Step
from models.command import Outcome
from models.decision import Reason
from models.event import Event
from models.lane import Credential, Direction

NOTHING = "nothing"
"""What was got where no outcome came in time."""

_SETTLES = 0.6

_CLOSES = 15.0
"""Seconds within which a barrier lets somebody through, or closes behind them."""

_LOOKS = 0.1
_CARS = frozenset({Prop.CAR, Prop.STRANGE_CAR})
_APART = 2.0
"""Seconds between two cars: closer behind each other in one place they would count as one."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one step ended; `ms` is None where nothing was decided."""

    step: str
    lane: int
    expected: str
    got: str
    ms: int | None
    ok: bool
    note: str = ""
    """What a person should know about a step that went wrong."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which row of the journal a step waits for."""

    after: int
    lane: int
    direction: Direction
    credential: Credential
    not_for: frozenset[str] = frozenset()
    """Reasons for not opening that are passed over: something else is still to come."""


class Journal(Protocol):
    """The product's journal, as anybody at core's socket may read it."""

    def newest(self) -> int:
        """Return the number of the newest row."""

    def decision(self, wanted: Wanted, timeout: float) -> Event | None:
        """Return the first decision that is wanted, with the relay's answer where it opens.

        None where there is none in `timeout` seconds; without the answer where only that is late.
        """

    def press(self, lane: int, direction: Direction, answers: int | None) -> None:
        """Open by a guard's hand, in answer to the refusal numbered `answers` if any."""


class Gates(Protocol):
    """The simulated gates."""

    def openings(self, lane: int, since: float, until: float) -> int:
        """Return how often a command opened the lane between two readings of CLOCK_MONOTONIC."""

    def stand(self, lane: int, *, stands: bool) -> None:
        """Let a car stand on the loop, or go away again."""

    def walk(self, lane: int) -> bool:
        """Let one person or car through; False where the gate is not open for one."""

    def closed(self, lane: int) -> bool:
        """Return whether the lane's gate is shut."""


class Around(Protocol):
    """The lamps and the charger around the cars.

    A deed takes the lane and when its step began, is asked again and again, and returns the seconds
    that it took once the panel's ledger shows it.
    """

    def dark(self) -> bool:
        """Return whether no lamp shines."""

    def lit_after(self, lane: int, began: float) -> float | None:
        """Return how long after the lane's last opening every lamp was lit."""

    def dark_after(self, lane: int, began: float) -> float | None:
        """Return how long after that every lamp had gone out."""

    def cut_after(self, lane: int, began: float) -> float | None:
        """Return how long an armed socket gave too much current before it was cut."""


class Household(Protocol):
    """The resident's phone; its deeds are told and asked as those around cars."""

    def visitor(self) -> str:
        """Return the code of a pass that is made now."""

    def photo_accepted(self, lane: int, began: float) -> float | None:
        """Return how long after the photo was sent the gate had accepted it."""

    def face_gone(self, lane: int, began: float) -> float | None:
        """Return how long after the face was taken back the gate had none any more."""


class Cable(Protocol):
    """The centre's cable."""

    def __call__(self, *, on: bool) -> None:
        """Put it in, or pull it."""


@dataclass(frozen=True, slots=True)
class Set:
    """What a director works with; `show` puts a scene before a camera by name.

    `plates` are those of the resident's car and of the stranger's.
    """

    journal: Journal
    gates: Gates
    show: Callable[[str, Scene], None]
    clock: Callable[[], float]
    around: Around
    household: Household
    centre: Cable
    plates: tuple[str, str] = (PLATE, STRANGE_PLATE)


class Director:
    """Plays steps one at a time; `stop` ends a step early.

    `patience` is how many seconds an outcome is waited for, `settles` how long the ledger is given
    to show what should not be there, `apart` how long no car comes after another.
    """

    def __init__(
        self,
        stage_set: Set,
        stop: threading.Event,
        patience: float = 20.0,
        settles: float = _SETTLES,
        apart: float = _APART,
    ) -> None:
        self._set = stage_set
        self._stop = stop
        self._patience = patience
        self._settles = settles
        self._apart = apart
        self._refused: dict[int, int] = {}
        self._plate_gone = float("-inf")

    def play(self, step: Step, codes: Mapping[Prop, str], *, live: bool = False) -> Result:
        """Return how `step` ended; `codes` are the passes of this telling.

        With `live`, the viewer is before a camera of their own and nothing is drawn.
        """
        if step.prop in NO_SCENE:
            return self._brought_about(step)
        self._make_room(step)
        if step.prop is Prop.WITHDRAWN and self._done(self._set.household.face_gone, 0) is None:
            return _never(step, "the gate still has the face that was taken back")
        if step.prop is Prop.FRESH:
            codes = {**codes, Prop.FRESH: self._set.household.visitor()}
        scene = EMPTY if live else _scene(step, codes, self._set.plates)
        began = self._set.clock()
        try:
            event = self._come(step, scene)
            decided = self._set.clock()
        finally:
            self._go(step)
        self._stop.wait(self._settles)
        openings = self._set.gates.openings(step.lane, began, self._set.clock())
        result = judged(step, event, openings, round((decided - began) * 1000))
        if event is not None and event.answer == "refused":
            self._refused[step.lane] = event.seq
        for _ in range(step.people if openings else 0):
            self._until(lambda: self._set.gates.walk(step.lane))
        return result

    def _make_room(self, step: Step) -> None:
        if step.expected == OPENED:
            self._until(lambda: self._set.gates.closed(step.lane))
        if step.prop in _CARS:
            self._until(lambda: self._set.clock() - self._plate_gone >= self._apart)
            self._until(self._set.around.dark)

    def _come(self, step: Step, scene: Scene) -> Event | None:
        if step.prop is Prop.OFFLINE:
            self._set.centre(on=False)
        after = self._set.journal.newest()
        self._set.show(step.camera, scene)
        if step.prop in _CARS:
            self._set.gates.stand(step.lane, stands=True)
        if step.prop is Prop.GUARD:
            answered = self._refused.get(step.lane)
            self._set.journal.press(step.lane, step.direction, answered)
        # Slow eyes have the guard asked about a car first, and then read its plate after all.
        not_for = frozenset({Reason.UNREADABLE_PLATE}) if step.prop in _CARS else frozenset()
        wanted = Wanted(after, step.lane, step.direction, _credential(step.prop), not_for)
        return self._set.journal.decision(wanted, self._patience)

    def _go(self, step: Step) -> None:
        self._set.show(step.camera, EMPTY)
        self._plate_gone = self._set.clock()
        if step.prop in _CARS:
            self._set.gates.stand(step.lane, stands=False)
        if step.prop is Prop.OFFLINE:
            self._set.centre(on=True)

    def _brought_about(self, step: Step) -> Result:
        deeds = {
            Prop.LAMPS_LIT: self._set.around.lit_after,
            Prop.LAMPS_DARK: self._set.around.dark_after,
            Prop.CHARGER: self._set.around.cut_after,
            Prop.PHOTO: self._set.household.photo_accepted,
        }
        seconds = self._done(deeds[step.prop], step.lane)
        if seconds is None:
            return _never(step, f"nothing shows {step.expected}")
        ms = round(seconds * 1000)
        return Result(step.name, step.lane, step.expected, step.expected, ms, ok=True)

    def _done(self, deed: Callable[[int, float], float | None], lane: int) -> float | None:
        """Return how long a deed took, None where it is not done while it is waited for."""
        began = self._set.clock()
        seconds = deed(lane, began)
        while seconds is None and not self._stop.is_set():
            if self._set.clock() - began > self._patience:
                break
            self._stop.wait(_LOOKS)
            seconds = deed(lane, began)
        return seconds

    def _until(self, done: Callable[[], bool]) -> None:
        """Wait until it is done; a gate that never gets there is judged by what follows."""
        give_up = self._set.clock() + _CLOSES
        while not done() and not self._stop.is_set() and self._set.clock() < give_up:
            self._stop.wait(_LOOKS)


def _never(step: Step, note: str) -> Result:
    return Result(step.name, step.lane, step.expected, NOTHING, None, ok=False, note=note)


def judged(step: Step, event: Event | None, openings: int, elapsed: int) -> Result:
    """Return how `step` ended, given its row of the journal and the ledger's count of openings.

    `elapsed` is the milliseconds from showing the scene to the row, told where no relay was asked.
    """
    got, ms = _outcome(event), None
    if event is not None:
        ms = elapsed if event.ms is None else event.ms
    due = 1 if step.expected == OPENED else 0
    notes = []
    if got != step.expected:
        notes.append(f"the journal says {got}, not {step.expected}")
    if openings != due:
        notes.append(f"the relay's ledger shows {openings} openings, not {due}")
    note = "; ".join(notes)
    return Result(step.name, step.lane, step.expected, got, ms, not notes, note)


def _outcome(event: Event | None) -> str:
    if event is None:
        return NOTHING
    if event.answer != OPENED:
        return f"{event.answer}:{event.reason}"
    return OPENED if event.outcome == Outcome.DONE else f"not_opened:{event.outcome}"


def _scene(  # noqa: PLR0911 - one for each
    step: Step, codes: Mapping[Prop, str], plates: tuple[str, str]
) -> Scene:
    own, strange = plates
    match step.prop:
        case Prop.RESIDENT | Prop.WITHDRAWN:
            return FaceHere(Who.RESIDENT)
        case Prop.STRANGER:
            return FaceHere(Who.STRANGER)
        case Prop.GUARD:
            return EMPTY
        case Prop.CAR:
            return CarHere(own, step.direction)
        case Prop.STRANGE_CAR:
            return CarHere(strange, step.direction)
        case Prop.PLATE_IN_HAND:
            return PlateInHand(own)
        case _:
            return CodeHeldUp(codes[step.prop])


def _credential(prop: Prop) -> Credential:
    match prop:
        case Prop.RESIDENT | Prop.STRANGER | Prop.WITHDRAWN:
            return Credential.FACE
        case Prop.GUARD:
            return Credential.GUARD
        case Prop.CAR | Prop.STRANGE_CAR | Prop.PLATE_IN_HAND:
            return Credential.PLATE
        case _:
            return Credential.PASS
