"""The line to the centre: one standing there, and a road for each thread that speaks."""

from config.settings import Centre
from edge.clock import monotonic
from edge.store.store import Store
from edge.sync.road import Address, Road
from edge.sync.session import Admission, Session


class CentreLine:
    """How this site's threads reach its centre."""

    def __init__(self, centre: Centre, store: Store) -> None:
        self._address = Address(centre.url, store.edge, centre.ca)
        self.session: Admission = Session(store.edge, store.sign)

    def road(self) -> Road:
        """Return a new road; raises ConfigError for an address in the clear."""
        return Road(self._address, monotonic)
