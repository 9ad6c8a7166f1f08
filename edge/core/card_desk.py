"""Cards as they are read: a number becomes its keyed hash here, and goes no further."""

import logging
from collections.abc import Callable, Mapping

from edge.inbox import Seen
from edge.lane import LaneKeeper
from models.card import CardRead
from models.errors import InputError
from models.lane import Direction
from models.observation import CardShown, Sighting

_log = logging.getLogger("kuahu.core")


class CardDesk:
    """Hands each card to its lane; called from the bridge's own thread, and never waits."""

    def __init__(self, digest: Callable[[str], str], keepers: Mapping[int, LaneKeeper]) -> None:
        self._digest = digest
        self._keepers = keepers
        self._complained: set[str] = set()

    def heard(self, read: CardRead) -> None:
        """Take a card that was held to a reader.

        A lane with two ways and a reader that says neither takes it for a way in: that may be
        refused, a way out may not.
        """
        keeper = self._keepers.get(read.lane)
        if keeper is None:
            return
        ways = keeper.lane.directions
        direction = read.direction or (next(iter(ways)) if len(ways) == 1 else Direction.ENTRY)
        try:
            card = self._digest(read.number)
        except InputError as error:
            if read.reader not in self._complained:
                self._complained.add(read.reader)
                _log.warning("reader %s: %s", read.reader, error)
            return
        at = Sighting(read.lane, direction, read.at, f"reader:{read.reader}")
        keeper.inbox.put(Seen(CardShown(at, card, read.proved)))
