"""Backstage: carries out what the viewer does on the stage's page, and says how things stand."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge.demo import consent
from edge.demo.compound import CHARGER, LAMPS, NAMES
from edge.demo.equipment import Piece
from edge.demo.gates import SimulatedGates
from edge.demo.lamps import SimulatedLamps
from edge.demo.reel import Reel
from edge.demo.show import Show
from edge.demo.stage import Act
from edge.demo.story import story
from edge.demo.viewer import Viewer
from models.errors import InputError, RelayFault


@dataclass(frozen=True, slots=True)
class Links:
    """Where the pages are that the viewer opens."""

    guard: str
    centre: str
    screens: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Props:
    """What the viewer can lay hands on; `broker` is None where it is not the demo's own."""

    gates: SimulatedGates
    reels: Mapping[str, Reel]
    broker: Piece | None
    centre: Piece
    viewer: Viewer
    lamps: SimulatedLamps


class Backstage:
    """Acts on the demo; every method may be called from any thread.

    `visitor` makes the picture of a visitor's pass that is good now, `saved` counts the kWh that
    the lamps saved today.
    """

    def __init__(
        self,
        props: Props,
        show: Show,
        links: Links,
        visitor: Callable[[], bytes],
        saved: Callable[[], float],
    ) -> None:
        self._props = props
        self._show = show
        self._links = links
        self._visitor = visitor
        self._saved = saved
        self._acting = threading.Lock()
        self._standing: set[int] = set()
        self._burning: set[int] = set()

    def perform(self, act: Act) -> None:
        """Do it.

        Raises KuahuError with a sentence for the viewer when it cannot be done.
        """
        deeds: dict[str, Callable[[Act], None]] = {
            "play": lambda said: self._show.play(playing=said.on),
            "next": lambda _: self._show.next(),
            "stand": self._stand,
            "walk": self._walk,
            "fire": self._fire,
            "camera": self._camera,
            "broker": lambda said: plug(self._props.broker, on=said.on),
            "centre": lambda said: plug(self._props.centre, on=said.on),
            "forget": lambda _: self._props.viewer.erase(),
        }
        deed = deeds.get(act.name)
        if deed is None:
            message = f"the stage knows no {act.name!r}"
            raise InputError(message)
        with self._acting:
            deed(act)

    def visitor_code(self) -> bytes:
        """Return the code of a visitor's pass that is good now, as PNG.

        Raises KuahuError when none could be made.
        """
        return self._visitor()

    def enrol(self, photo: bytes, agreed: str) -> str:
        """Enrol the viewer's face and pause the story; return what core remarks.

        Raises KuahuError with a sentence for the viewer when it cannot be done.
        """
        with self._acting:
            remark = self._props.viewer.enrol(photo, agreed)
            # The viewer has the lane to themselves until they let the story go on.
            self._show.play(playing=False)
        return remark

    def state(self) -> Mapping[str, object]:
        """Return what the page shows."""
        board, props = self._show.board, self._props
        results = {result.step: result for result in board.results}
        steps = []
        for step in story():
            ended = results.get(step.name)
            steps.append(
                {
                    "step": step.name,
                    "lane": step.lane,
                    "expected": step.expected,
                    "got": ended.got if ended else "",
                    "ms": ended.ms if ended else None,
                    "ok": ended.ok if ended else None,
                }
            )
        return {
            "playing": board.playing,
            "step": board.step,
            "telling": board.telling,
            "steps": steps,
            "lanes": [
                {
                    "number": lane,
                    "name": name,
                    "stands": lane in self._standing,
                    "fire": lane in self._burning,
                    "screen": self._links.screens[lane],
                }
                for lane, name in NAMES.items()
            ],
            "cameras": [
                {"id": name, "plugged": reel.plugged} for name, reel in props.reels.items()
            ],
            "lamps": self._lamps(),
            "saved": round(self._saved(), 3),
            "broker": None if props.broker is None else props.broker.plugged,
            "centre": props.centre.plugged,
            "viewer": {"known": props.viewer.known, "receipt": props.viewer.receipt},
            "consent": {
                language: {"version": consent.version(language), "words": words}
                for language, words in consent.WORDS.items()
            },
            "links": {"guard": self._links.guard, "centre": self._links.centre},
        }

    def _lamps(self) -> list[dict[str, object]]:
        try:
            levels = self._props.lamps.levels()
        except RelayFault:
            return []
        order = (*LAMPS, CHARGER)
        return [{"output": one, "level": levels[one]} for one in order if one in levels]

    def _stand(self, act: Act) -> None:
        lane = _lane(act)
        self._props.gates.stand(lane, stands=act.on)
        (self._standing.add if act.on else self._standing.discard)(lane)

    def _fire(self, act: Act) -> None:
        lane = _lane(act)
        self._props.gates.fire(lane, on=act.on)
        (self._burning.add if act.on else self._burning.discard)(lane)

    def _walk(self, act: Act) -> None:
        if not self._props.gates.walk(_lane(act)):
            message = "闸未开，无法通过 / the gate is not open for anyone to walk through"
            raise InputError(message)

    def _camera(self, act: Act) -> None:
        reel = self._props.reels.get(act.target)
        if reel is None:
            message = f"the demo draws no camera {act.target!r}"
            raise InputError(message)
        reel.plug(plugged=act.on)


def _lane(act: Act) -> int:
    if act.target.isascii() and act.target.isdecimal() and int(act.target) in NAMES:
        return int(act.target)
    message = f"the demo has no lane {act.target!r}"
    raise InputError(message)


def plug(piece: Piece | None, *, on: bool) -> None:
    """Put the cable of a piece in, or pull it; raises InputError where it is not the demo's own."""
    if piece is None:
        message = "this piece is not the demo's own"
        raise InputError(message)
    if on:
        piece.begin()
    else:
        piece.pull()
