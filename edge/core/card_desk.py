"""Cards and numbers as they are read: each becomes its keyed hash here, and goes no further."""

import logging
from collections.abc import Callable, Mapping

from edge.inbox import Seen
from edge.lane import LaneKeeper
from models.card import CardRead
from models.errors import InputError
from models.lane import Direction
from models.observation import CardShown, PinEntered, Sighting
from models.pin import PinRead

_log = logging.getLogger("kuahu.core")
Digest = Callable[[str], str]


class CardDesk:
    """Hands each card and number to its lane; called from the bridge's thread, and never waits.

    `cards` and `pins` return the keyed hash of what was read.
    """

    def __init__(self, cards: Digest, pins: Digest, keepers: Mapping[int, LaneKeeper]) -> None:
        self._cards = cards
        self._pins = pins
        self._keepers = keepers
        self._complained: set[str] = set()

    def heard(self, read: CardRead | PinRead) -> None:
        """Take what was held to a reader or typed at a keypad.

        A lane with two ways and a reader that says neither takes it for a way in: that may be
        refused, a way out may not.
        """
        keeper = self._keepers.get(read.lane)
        if keeper is None:
            return
        ways = keeper.lane.directions
        direction = read.direction or (next(iter(ways)) if len(ways) == 1 else Direction.ENTRY)
        name = read.reader if isinstance(read, CardRead) else read.keypad
        at = Sighting(read.lane, direction, read.at, f"reader:{name}")
        try:
            keeper.inbox.put(Seen(self._seen(read, at)))
        except InputError as error:
            if name not in self._complained:
                self._complained.add(name)
                _log.warning("reader %s: %s", name, error)

    def _seen(self, read: CardRead | PinRead, at: Sighting) -> CardShown | PinEntered:
        if isinstance(read, CardRead):
            return CardShown(at, self._cards(read.number), read.proved)
        return PinEntered(at, self._pins(read.digits), proved=read.proved)
