"""Upward: the way to the centre, or none where the site stands alone."""

import logging
import threading
from dataclasses import dataclass

from config.settings import Centre
from edge.clock import monotonic
from edge.ports import Clock
from edge.store.store import Store
from edge.sync.centre import Centre as FarEnd
from edge.sync.client import Ends, Uplink
from edge.sync.road import Address, Road
from edge.sync.session import Admission, Session
from models.errors import StoreFault

STOP_WITHIN = 2.0
AGAIN_AFTER = 5.0

_log = logging.getLogger("kuahu.core")


@dataclass(frozen=True, slots=True)
class WayUp:
    """How the way to the centre is doing."""

    word: str = "none"
    """`none`, `ok` or `away`."""
    waiting: int = 0
    quarantined: int = 0
    complaint: str = ""
    forked: int = 0
    """How many of those in quarantine the centre has with another hash."""
    answer: str = "none"
    """What it last answered (edge/sync/state.py)."""


@dataclass(frozen=True, slots=True)
class _Held:
    held: str

    def token(self, _road: Road) -> str:
        return self.held

    def spent(self, _token: str) -> None:
        pass


class Upward:
    """Sends events up on a thread of its own, where there is a centre."""

    def __init__(self, centre: Centre | None, store: Store, clock: Clock) -> None:
        self._store = store
        self._stop = threading.Event()
        self._uplink: Uplink | None = None
        self._thread: threading.Thread | None = None
        if centre is not None:
            road = Road(Address(centre.url, store.edge, centre.ca), monotonic)
            session: Admission = Session(store.edge, store.sign)
            if centre.claim is not None:
                session = _Held(centre.claim.get_secret_value())
            ends = Ends(store, FarEnd(road, session), clock)
            self._uplink = Uplink(ends, self._stop)

    def start(self) -> None:
        """Begin to send."""
        if self._uplink is not None:
            self._thread = threading.Thread(target=self._run, name="upward", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop sending; what waits stays in the outbox, and a centre that hangs holds nobody up."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(STOP_WITHIN)

    def _run(self) -> None:
        assert self._uplink is not None
        while not self._stop.is_set():
            try:
                self._uplink.run()
            except Exception:  # noqa: BLE001 - the top of a thread: no door depends on the way up
                _log.exception("the way to the centre failed; it begins again")
                self._stop.wait(AGAIN_AFTER)

    def state(self) -> WayUp:
        """Return how the way up is doing, for the page."""
        if self._uplink is None:
            return WayUp()
        state = self._uplink.state
        word, complaint = ("ok", "") if state.complaint is None else ("away", state.complaint)
        try:
            backlog = self._store.backlog()
        except StoreFault:
            return WayUp(word, state.waiting, 0, complaint, answer=state.answer)
        return WayUp(
            word,
            backlog.waiting,
            backlog.quarantined,
            complaint,
            backlog.forked,
            state.answer,
        )
