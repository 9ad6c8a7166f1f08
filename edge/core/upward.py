"""Upward: the two ways to the centre, events and letters, or none where the site stands alone."""

import logging
import threading
from collections.abc import Callable

from edge.core.centre_line import CentreLine
from edge.core.letterbox import Letterbox
from edge.core.way import WayUp
from edge.ports import Clock
from edge.store.store import Store
from edge.sync.centre import Centre
from edge.sync.client import Ends, Uplink
from edge.sync.mailbox import Mailbox
from models.errors import StoreFault

STOP_WITHIN = 2.0
AGAIN_AFTER = 5.0

_log = logging.getLogger("kuahu.core")


class Upward:
    """Sends events and letters up, each on a thread of its own, where there is a centre."""

    def __init__(self, line: CentreLine | None, store: Store, clock: Clock) -> None:
        self._store = store
        self._stop = threading.Event()
        self._uplinks: tuple[Uplink, ...] = ()
        self._threads: list[threading.Thread] = []
        if line is not None:
            # A backlog of events must not hold up what a phone waits for.
            events = Ends(store, Centre(line.road(), line.session), clock)
            box = Letterbox(store.exchange)
            letters = Ends(box, Mailbox(line.road(), line.session), clock)
            self._uplinks = (Uplink(events, self._stop), Uplink(letters, self._stop))

    def start(self) -> None:
        """Begin to send."""
        for name, uplink in zip(("upward", "letters"), self._uplinks, strict=False):
            run = kept_up(name, uplink.run, self._stop)
            self._threads.append(threading.Thread(target=run, name=name, daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop sending; what waits stays here, and a centre that hangs holds nobody up."""
        self._stop.set()
        for thread in self._threads:
            thread.join(STOP_WITHIN)

    def state(self) -> WayUp:
        """Return how the way up is doing, for the page."""
        if not self._uplinks:
            return WayUp()
        states = [uplink.state for uplink in self._uplinks]
        ailing = next((one for one in states if one.complaint is not None), states[0])
        word, complaint = ("ok", "") if ailing.complaint is None else ("away", ailing.complaint)
        try:
            backlog, letters = self._store.backlog(), self._store.exchange.letter_backlog()
        except StoreFault:
            return WayUp(word, states[0].waiting, 0, complaint, answer=ailing.answer)
        return WayUp(
            word,
            backlog.waiting,
            backlog.quarantined,
            complaint,
            backlog.forked,
            ailing.answer,
            letters.waiting,
            letters.quarantined,
        )


def kept_up(name: str, run: Callable[[], None], stop: threading.Event) -> Callable[[], None]:
    """Return `run` as the body of a thread that is begun again whatever happens, until `stop`."""

    def body() -> None:
        while not stop.is_set():
            try:
                run()
            except Exception:  # noqa: BLE001 - the top of a thread: no door depends on the centre
                _log.exception("%s failed; it begins again", name)
                stop.wait(AGAIN_AFTER)

    return body
