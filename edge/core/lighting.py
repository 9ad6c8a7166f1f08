"""The lighting of core: zones, loads and their panels, put together and run on one thread."""

import threading
from collections.abc import Callable
from zoneinfo import ZoneInfo

from config.settings import Settings
from edge.clock import monotonic
from edge.panel_table import panel_specs
from edge.places import Places
from edge.ports import Clock, Heard
from edge.relay_table import broker_address
from edge.wire import AnyMessage, VisionHealth
from edge.zone_ports import ZoneLedger
from edge.zones import Admitted, Moved, Shape, ZoneKeeper
from models.event import Event
from models.panel import Panel
from models.sensor import Reading
from models.signal import Signal
from mqtt_bridge.switchboard import Switchboard


class Lighting:
    """Everything that owns the lamps and chargers of one site."""

    def __init__(
        self, settings: Settings, places: Places, clock: Clock, ledger: ZoneLedger
    ) -> None:
        specs = panel_specs(settings, places)
        site = settings.site
        place = None
        if site.latitude is not None and site.longitude is not None:
            place = (site.latitude, site.longitude)
        self._panels = Switchboard(
            broker_address(settings.broker, places), specs, self._said, monotonic, site.name
        )
        shape = Shape(settings.zone, settings.load, ZoneInfo(site.timezone), place)
        self.keeper = ZoneKeeper(shape, clock, self._panels, ledger)
        self._relays = tuple(spec.name for spec in specs)
        self.wanted = bool(specs)
        self._lanes = any("lane:" in source for zone in settings.zone for source in zone.inputs)
        self._cameras = frozenset(
            source.removeprefix("camera:")
            for zone in settings.zone
            for source in zone.inputs
            if source.startswith("camera:")
        )

    def troubles(self) -> dict[str, str]:
        """Return why each panel cannot be told anything; "" where it can."""
        return {relay: self._panels.trouble(relay) for relay in self._relays}

    def threads(
        self, ending: threading.Event, failed: Callable[[], None]
    ) -> list[threading.Thread]:
        """Return the thread that keeps the zones; none where a site has none."""

        def keep() -> None:
            try:
                self.keeper.run(ending)
            except Exception:
                failed()
                raise

        return [threading.Thread(target=keep, name="zones")] if self.wanted else []

    def start(self) -> None:
        """Begin to connect."""
        if self.wanted:
            self._panels.start()

    def stop(self) -> None:
        """Return when the connection has ended."""
        self._panels.stop()

    def turns(self) -> int:
        """Return how often the zones' loop has turned; it rises for ever where there is none."""
        if self.wanted:
            return self.keeper.turns
        self.keeper.turns += 1
        return self.keeper.turns

    def decided(self, event: Event) -> None:
        """Hear what was decided at a lane: whoever is let in comes to its zones."""
        if event.lane is not None and event.answer == "opened" and event.outcome is None:
            self._admitted(event.lane)

    def shown(self, lane: int, signal: Signal | None) -> None:
        """Hear what a lane's screen shows: it opened, with a disk or without."""
        if signal is Signal.GRANTED:
            self._admitted(lane)

    def _admitted(self, lane: int) -> None:
        if self.wanted:
            self.keeper.put(Admitted(lane))

    def heard(self, heard: Heard) -> None:
        """Hear what a lane's relay says."""
        if self._lanes and isinstance(heard, Reading):
            self.keeper.put(heard)

    def looked(self, health: AnyMessage) -> None:
        """Hear what moves before the cameras, if that is what vision says."""
        for camera in health.cameras if isinstance(health, VisionHealth) else ():
            if camera.id in self._cameras:
                self.keeper.put(Moved(camera.id, camera.moved_ago, live=camera.state == "live"))

    def _said(self, panel: Panel) -> None:
        self.keeper.put(panel)
