"""The switchboard: every panel of the site, on a connection of its own beside the doors'.

What is told to a panel is a state, not a deed: it is said again each second with the newest state
(docs/mqtt.md). Nothing of it waits in a queue, and none of it can hold up a door's command.
"""

import logging
from collections.abc import Callable, Mapping
from threading import Lock

from models.errors import RelayFault
from models.panel import Panel
from mqtt_bridge import panel_discovery as discovery
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.codec import Malformed
from mqtt_bridge.link import Errand, Link
from mqtt_bridge.panel_native import native_panel
from mqtt_bridge.panel_shelly import shelly_panel
from mqtt_bridge.panel_tasmota import tasmota_panel
from mqtt_bridge.panel_track import Make, PanelSpec, PanelTrack

MAKES: Mapping[Make, Callable[[PanelSpec], PanelTrack]] = {
    Make.KUAHU: native_panel,
    Make.TASMOTA: tasmota_panel,
    Make.SHELLY: shelly_panel,
}

_log = logging.getLogger(__name__)


class Switchboard:
    """Tells panels their state and hears theirs; `hear` is called from its own thread.

    With `site` set, lamps, sockets and inputs appear in Home Assistant, to be looked at.
    """

    def __init__(
        self,
        address: BrokerAddress,
        panels: tuple[PanelSpec, ...],
        hear: Callable[[Panel], None],
        clock: Callable[[], float],
        site: str = "",
    ) -> None:
        self._hear = hear
        self._clock = clock
        self._site = site
        self._specs = {panel.name: panel for panel in panels}
        self._lock = Lock()
        self._tracks = {panel.name: MAKES[panel.make](panel) for panel in panels}
        self._owner = {
            topic: name for name, track in self._tracks.items() for topic in track.topics()
        }
        self._shown: dict[str, bytes] = {}
        self._complaints: set[tuple[str, str]] = set()
        wanted = (*self._owner, *((discovery.BIRTH,) if site and panels else ()))
        self._link = Link(address, Errand("kuahu-panels", wanted), self, clock)

    @property
    def connected(self) -> bool:
        """True while the broker has let us in."""
        return self._link.connected

    def start(self) -> None:
        """Begin to connect, for ever; says nothing to a panel by itself."""
        self._link.start()

    def stop(self) -> None:
        """Return when the thread has ended."""
        self._link.stop()

    def trouble(self, panel: str) -> str:
        """Return why a panel cannot be told anything, to follow its name; "" when it can."""
        if not self._link.connected:
            return "cannot be reached: the broker is away"
        return self._tracks[panel].trouble(self._clock())

    def set(self, panel: str, levels: Mapping[str, int]) -> bool:
        """Tell a panel its whole state, if that can be done now; return whether it was told."""
        with self._lock:
            self._tracks[panel], said = self._tracks[panel].set(levels, self._clock())
        taken = [self._say(message) for message in said]
        return all(taken) and not self.trouble(panel)

    def joined(self) -> None:
        """Hear from the link that the broker let us in."""
        self._shown.clear()
        if self._site:
            for panel in self._specs.values():
                self._show(discovery.panel(self._site, panel))

    def left(self) -> None:
        """Hear from the link that the broker went away."""
        with self._lock:
            self._tracks = {name: track.lost() for name, track in self._tracks.items()}

    def turned(self) -> None:
        """Hear from the link that its loop turned: ask those panels that must be asked."""
        now = self._clock()
        for name in self._specs:
            with self._lock:
                self._tracks[name], questions = self._tracks[name].ask(now)
            for question in questions:
                self._say(question)
            if self._site:
                there = not self._tracks[name].trouble(now)
                self._show((discovery.presence(name, there=there),))

    def heard(self, message: Message) -> None:
        """Hear a message from the link and pass on what a panel said."""
        if message.topic == discovery.BIRTH:
            if message.payload == b"online" and not message.retained:
                self.joined()
            return
        name = self._owner.get(message.topic)
        if name is None:
            return
        with self._lock:
            self._tracks[name], said = self._tracks[name].hear(message, self._clock())
        for word in said:
            if isinstance(word, Malformed):
                self._complain(name, f"sends what is no message of its own: {word.flaw}")
                continue
            self._hear(word)
            if self._site:
                self._show(discovery.mirror(self._site, self._specs[name], word))

    def _show(self, messages: tuple[Message, ...]) -> None:
        for message in messages:
            if self._shown.get(message.topic) != message.payload and self._say(message):
                self._shown[message.topic] = message.payload

    def _say(self, message: Message) -> bool:
        try:
            self._link.publish(message)
        except RelayFault as fault:
            _log.debug("not said on %s: %s", message.topic, fault)
            return False
        return True

    def _complain(self, panel: str, why: str) -> None:
        level = logging.DEBUG if (panel, why) in self._complaints else logging.WARNING
        self._complaints.add((panel, why))
        _log.log(level, "relay %s %s", panel, why)
