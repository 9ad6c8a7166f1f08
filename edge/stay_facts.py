"""What the stay ledger tells a decision: whether there is room, and whether a home has any left."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from config.settings import Settings
from config.stays import stay_zones
from edge.store.stay_ledger import StayLedger
from edge.store.stays import Books
from gate.occupancy import all_taken, is_full, room
from models.facts import Facts
from models.lane import Direction
from models.observation import GuardPressed, Observation, PlateSeen
from models.stay import Beyond, StayZone


def keep_stays(settings: Settings, ledger: StayLedger) -> "StayRules":
    """Let `ledger` keep the site's zones, and return the rules that are asked of its books."""
    stays = settings.stays
    ledger.keep(stay_zones(stays, settings.lane))
    return StayRules(ledger.zones, ledger.books, stays.spaces_of, stays.beyond)


@dataclass(frozen=True, slots=True)
class StayRules:
    """A site's rules about room, and the books that they are asked of."""

    zones: tuple[StayZone, ...]
    books: Callable[[], Books]
    spaces_of: Callable[[str], int | None]
    """How many cars a home may have inside as a resident's; None for any number."""
    beyond: Beyond

    def applied(self, facts: Facts, seen: Observation) -> Facts:
        """Return the facts with what the books say of one who wants to come in.

        Whoever leaves is asked nothing, and a guard's hand needs no room. Raises StoreFault when
        the books cannot be read.
        """
        way = seen.at.direction
        into = [one for one in self.zones if one.leads_in(seen.at.lane, way)]
        if way is not Direction.ENTRY or not into or isinstance(seen, GuardPressed):
            return facts
        car = facts.vehicle if isinstance(seen, PlateSeen) else None
        spaces = None if car is None else self.spaces_of(str(car.home))
        if spaces is None and all(one.spaces is None for one in into):
            return facts
        books = self.books()
        full = is_full(room(books.of(one.name), one) for one in into)
        taken = car is not None and all_taken(books.stays, str(car.home), car.plate, spaces)
        return replace(facts, full=full, beyond=self.beyond if taken else None)
