"""Downward: hears the centre, applies what it tells and answers its photos."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings
from edge.core.centre_line import CentreLine
from edge.core.eyes import Encoded
from edge.core.photo_desk import PhotoDesk
from edge.core.told_desk import ToldDesk
from edge.core.told_rules import Grounds
from edge.core.upward import kept_up
from edge.core.way import WayDown
from edge.store.photo_keys import PhotoKeys
from edge.sync.downlink import DownEnds, Downlink
from edge.sync.feed import Feed
from models.errors import StoreFault
from models.letter import LaneNow, SiteNow

LET_GO_WITHIN = 0.3
_log = logging.getLogger("kuahu.core")


@dataclass(frozen=True, slots=True)
class Looks:
    """The eyes as photos need them."""

    encode: Callable[[tuple[str | bytes, ...]], Encoded]
    ready: Callable[[], bool]


class Downward:
    """Hears the centre on threads of its own, where there is one."""

    def __init__(
        self, line: CentreLine | None, settings: Settings, grounds: Grounds, looks: Looks
    ) -> None:
        self._grounds = grounds
        self._settings = settings
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._keys: PhotoKeys = grounds.store.exchange.photo_keys(grounds.compound)
        self._told = ToldDesk(grounds)
        self._photos = PhotoDesk(grounds, self._keys, looks.encode, looks.ready)
        self._refused_before = 0
        self._link: Downlink | None = None
        if line is not None:
            far = Feed(line.road(), line.session)
            ends = DownEnds(grounds.store.exchange, far, self._deal, grounds.clock)
            self._link = Downlink(ends, self._stop)

    def start(self) -> None:
        """Begin to hear; without a centre forget the one that was there."""
        exchange = self._grounds.store.exchange
        try:
            if self._link is None:
                exchange.leave()
                return
            self._refused_before = exchange.position().refused
            self._believe()
        except StoreFault as fault:
            # No door waits for this; the keys are read again with the centre's first word.
            _log.info("the centre's keys cannot be read yet: %s", fault)
            if self._link is None:
                return
        for name, run in (("downward", self._link.run), ("photos", self._see)):
            body = kept_up(name, run, self._stop)
            self._threads.append(threading.Thread(target=body, name=name, daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop hearing; what was told and not dealt with is dealt with after the next start."""
        self._stop.set()
        self._photos.wake()
        for thread in self._threads:
            # A question that the centre keeps, or a photo that is looked at, holds nobody up.
            thread.join(LET_GO_WITHIN)

    def state(self) -> WayDown:
        """Return how the way down is doing, for the page."""
        if self._link is None:
            return WayDown()
        state = self._link.state
        word, complaint = ("ok", "") if state.complaint is None else ("away", state.complaint)
        try:
            here = self._grounds.store.exchange.position()
            waiting = self._grounds.store.exchange.told_waiting()
        except StoreFault:
            return WayDown(word, complaint, state.answer)
        refused = here.refused - self._refused_before
        return WayDown(word, complaint, state.answer, refused, here.behind, waiting)

    def _deal(self, more: bool) -> None:  # noqa: FBT001 - whether more is coming at once
        self._believe()
        self._tell_site()
        self._told.deal(more)
        self._photos.wake()

    def _believe(self) -> None:
        self._grounds.keys.believe(self._grounds.store.exchange.pass_keys())

    def _see(self) -> None:
        self._photos.run(self._stop)

    def _tell_site(self) -> None:
        exchange = self._grounds.store.exchange
        if exchange.position().epoch is None:
            return
        settings, key = self._settings, self._keys.current(self._grounds.clock.now())
        lanes = tuple(
            LaneNow(lane.number, lane.name, lane.kind, lane.directions)
            for lane in (table.lane() for table in settings.lane)
        )
        site = settings.site
        exchange.say_site(SiteNow(site.name, site.timezone, lanes, key.point, key.key_id))
