"""The switchboard: every panel of the site, on a connection of its own beside the doors'.

What is told to a panel is a state, not a deed: it is said again each second with the newest state
(docs/mqtt.md). Nothing of it waits in a queue, and none of it can hold up a door's command.
"""

from collections.abc import Callable, Mapping

from models.panel import Panel
from mqtt_bridge import panel_discovery as discovery
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.codec import Malformed
from mqtt_bridge.conversation import Conversation
from mqtt_bridge.link import Errand
from mqtt_bridge.panel_native import native_panel
from mqtt_bridge.panel_shelly import shelly_panel
from mqtt_bridge.panel_tasmota import tasmota_panel
from mqtt_bridge.panel_track import Make, PanelSpec, PanelTrack

MAKES: Mapping[Make, Callable[[PanelSpec], PanelTrack]] = {
    Make.KUAHU: native_panel,
    Make.TASMOTA: tasmota_panel,
    Make.SHELLY: shelly_panel,
}


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
        tracks = {panel.name: MAKES[panel.make](panel) for panel in panels}
        self._talk: Conversation[PanelTrack, Panel | Malformed] = Conversation(
            address, Errand("kuahu-panels", ()), tracks, self, clock, shows=bool(site and panels)
        )

    @property
    def connected(self) -> bool:
        """True while the broker has let us in."""
        return self._talk.connected

    def start(self) -> None:
        """Begin to connect, for ever; says nothing to a panel by itself."""
        self._talk.start()

    def stop(self) -> None:
        """Return when the thread has ended."""
        self._talk.stop()

    def trouble(self, panel: str) -> str:
        """Return why a panel cannot be told anything, to follow its name; "" when it can."""
        return self._talk.trouble(panel)

    def set(self, panel: str, levels: Mapping[str, int]) -> bool:
        """Tell a panel its whole state, if that can be done now; return whether it was told."""
        now = self._clock()
        said = self._talk.change(panel, lambda track: track.set(levels, now))
        taken = [self._talk.say(message) for message in said]
        return all(taken) and not self.trouble(panel)

    def appears(self) -> tuple[Message, ...]:
        """Return what makes the panels appear in Home Assistant; () without a site's name."""
        if not self._site:
            return ()
        every = [discovery.panel(self._site, panel) for panel in self._specs.values()]
        return tuple(message for one in every for message in one)

    def said(self, name: str, word: Panel | Malformed) -> None:
        """Hear what a panel said, and pass it on."""
        if isinstance(word, Malformed):
            self._talk.complain(name, f"sends what is no message of its own: {word.flaw}")
            return
        self._hear(word)
        if self._site:
            self._talk.show(discovery.mirror(self._site, self._specs[name], word))

    def other(self, message: Message) -> None:
        """Hear a message of nobody's: there is none."""
