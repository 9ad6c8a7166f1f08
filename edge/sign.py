"""The words of a lane's display and voice: the same for whoever is let in, whoever they are.

It never shows a name, a reason, or whether somebody lives here; of a plate no more than the site
allows. A car that is refused, kept out or not known reads the same "one moment".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from config.settings import Settings
from edge.clock import monotonic
from edge.store.stay_ledger import StayLedger
from models.errors import StoreFault
from models.lane import Direction
from models.observation import Observation, PlateSeen
from models.plate import Band
from models.sign import LONGEST_LINE, SignText
from models.signal import Signal
from models.stay import Room, StayZone

TAIL = 3
"""Characters of a plate that tell its driver that it was read, and a bystander little."""
IDLE_SECONDS = 60
WELCOME, FAREWELL, MOMENT, OTHER_WAY = "欢迎", "一路平安", "请稍候", "请换一种方式"


class Boards(Protocol):
    """Whoever reaches the displays."""

    def sign(self, relay: str, text: SignText) -> None:
        """Show and say this on a relay's board, if it can be done now."""


@dataclass(frozen=True, slots=True)
class SignRules:
    """What is shown where: how much of a plate, the zones, and how full they are."""

    plate: str
    """`tail`, `none` or `whole`."""
    zones: tuple[StayZone, ...]
    rooms: Callable[[], tuple[Room, ...]]

    def text(self, signal: Signal, seen: Observation) -> SignText:
        """Return what is shown and said to one who was answered."""
        word = _word(signal, seen.at.direction)
        lines = [self._plate(seen), word]
        if seen.at.direction is Direction.ENTRY:
            lines.append(self.free(seen.at.lane))
        return SignText(tuple(line[:LONGEST_LINE] for line in lines if line), word)

    def idle(self, lane: int) -> SignText | None:
        """Return what a lane shows while nobody is there: the free spaces, if they are counted."""
        free = self.free(lane)
        return SignText((free,), seconds=IDLE_SECONDS) if free else None

    def free(self, lane: int) -> str:
        """Return the free spaces behind a lane in words; empty where nobody counts them."""
        into = {zone.name for zone in self.zones if zone.leads_in(lane, Direction.ENTRY)}
        try:
            rooms = self.rooms() if into else ()
        except StoreFault:
            return ""
        counted = [one.free for one in rooms if one.zone in into and one.free is not None]
        return f"余位 {min(counted)}" if counted else ""

    def _plate(self, seen: Observation) -> str:
        if not isinstance(seen, PlateSeen) or seen.reading.band is not Band.ACCEPT:
            return ""
        text = seen.reading.text
        match self.plate:
            case "whole":
                return text
            case "tail":
                return f"*{text[-TAIL:]}"
        return ""


class SignBoard:
    """Shows and says on every lane's board, on threads that no door waits for."""

    def __init__(
        self,
        rules: SignRules,
        relays: Mapping[int, str],
        boards: Boards,
        errand: Callable[[Callable[[], None]], object],
        mono: Callable[[], float],
    ) -> None:
        self._rules = rules
        self._relays = relays
        self._boards = boards
        self._errand = errand
        self._mono = mono
        self._busy_until: dict[int, float] = {}
        self._rests: dict[int, tuple[SignText, float]] = {}

    def __call__(self, lane: int, signal: Signal, seen: Observation) -> None:
        """Show and say what one who was answered is to know."""

        def show() -> None:
            text = self._rules.text(signal, seen)
            self._busy_until[lane] = self._mono() + text.seconds
            self._rests.pop(lane, None)
            self._boards.sign(self._relays[lane], text)

        self._errand(show)

    def idle(self) -> None:
        """Show the free spaces where nobody is: when they change, and before a display forgets."""
        now = self._mono()
        for lane, relay in self._relays.items():
            if now < self._busy_until.get(lane, now):
                continue
            text = self._rules.idle(lane)
            shown, at = self._rests.get(lane, (None, now))
            if text is not None and (text != shown or now - at >= IDLE_SECONDS / 2):
                self._rests[lane] = (text, now)
                self._boards.sign(relay, text)


def sign_board(
    settings: Settings,
    stays: StayLedger,
    boards: Boards,
    errand: Callable[[Callable[[], None]], object],
) -> SignBoard:
    """Return the displays of a site."""
    rules = SignRules(settings.stays.sign_plate, stays.zones, stays.rooms)
    relays = {lane.number: lane.relay for lane in settings.lane}
    return SignBoard(rules, relays, boards, errand, monotonic)


def _word(signal: Signal, way: Direction) -> str:
    match signal:
        case Signal.GRANTED:
            return WELCOME if way is Direction.ENTRY else FAREWELL
        case Signal.REFUSED:
            return OTHER_WAY
        case Signal.WAIT:
            return MOMENT
