"""The bridge: every relay of the site behind one broker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from models.card import CardRead
from models.command import Action, Command, Report
from models.errors import RelayFault
from models.pin import PinRead
from models.sensor import Reading
from models.sign import SignText
from models.signal import Signal
from mqtt_bridge import discovery, topics
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.codec import Malformed
from mqtt_bridge.conversation import Conversation
from mqtt_bridge.link import Errand
from mqtt_bridge.native import native_track
from mqtt_bridge.reader import ReaderSpec, heard
from mqtt_bridge.tasmota import tasmota_track
from mqtt_bridge.track import Profile, RelaySpec, Said, Track, Unfit, closes_itself

PROFILES: Mapping[Profile, Callable[[RelaySpec], Track]] = {
    Profile.KUAHU: native_track,
    Profile.TASMOTA: tasmota_track,
}


@dataclass(frozen=True, slots=True)
class LastEvent:
    """A lane's last answer as other systems may know it: never a name, never a home."""

    lane: int
    answer: str
    reason: str
    at: str


class Bridge:
    """Sends commands once and hears reports and readings; keeps nothing for later.

    `hear` is called from the bridge's own thread and must not block. With `site` set, the relays
    appear in Home Assistant by themselves, to be looked at and not to be moved.
    """

    def __init__(
        self,
        address: BrokerAddress,
        relays: tuple[RelaySpec, ...],
        hear: Callable[[Report | Reading | CardRead | PinRead], None],
        clock: Callable[[], float],
        site: str = "",
        *,
        readers: tuple[ReaderSpec, ...] = (),
    ) -> None:
        self._hear = hear
        self._clock = clock
        self._site = site
        self._relays = relays
        self._readers = {topic: reader for reader in readers for topic in reader.topics}
        tracks = {relay.name: PROFILES[relay.profile](relay) for relay in relays}
        if len(tracks) != len(relays):
            message = "two relays share a name; give each its own"
            raise ValueError(message)
        will = discovery.offline() if site else None
        errand = Errand("kuahu-site", tuple(self._readers), will)
        self._talk: Conversation[Track, Said] = Conversation(
            address, errand, tracks, self, clock, shows=bool(site)
        )

    @property
    def connected(self) -> bool:
        """True while the broker has let us in; says nothing about any relay."""
        return self._talk.connected

    @property
    def turns(self) -> int:
        """How often the bridge's loop has turned, connected or not (see `Link.turns`)."""
        return self._talk.turns

    def start(self) -> None:
        """Begin to connect, for ever; commands nothing."""
        self._talk.start()

    def stop(self) -> None:
        """Say goodbye, and return when the bridge's thread has ended."""
        if self._site:
            self._talk.say(discovery.offline())
        self._talk.stop()

    def last_seq(self, relay: str) -> int | None:
        """Return the last number that `relay` took, or None while it or the broker is away.

        Raises RelayFault when the site has no such relay.
        """
        track = self._talk.track(relay)
        return track.last_seq(self._clock()) if self._talk.connected else None

    def trouble(self, relay: str) -> str:
        """Return why `relay` cannot be commanded now, to follow its name; "" when it can."""
        return self._talk.trouble(relay)

    def starts(self, relay: str) -> int:
        """Return how often `relay` was heard to have started anew."""
        return self._talk.track(relay).starts

    def send(self, command: Command) -> None:
        """Ask once.

        Raises RelayFault at once when the broker or the relay is away, or the deadline has passed.
        """
        now = self._clock()
        if command.deadline <= now:
            message = f"the command to relay {command.relay} came after its own deadline"
            raise RelayFault(message, part=command.relay, advice="try again")
        order = self._talk.change(command.relay, lambda track: self._order(track, command, now))
        try:
            self._talk.publish(order)
        except RelayFault:
            self._talk.change(command.relay, lambda track: (track.forget(command.cmd_id), None))
            raise

    def _order(self, track: Track, command: Command, now: float) -> tuple[Track, Message]:
        if command.action is Action.CLOSE and closes_itself(track.spec):
            message = f"relay {command.relay} closes by itself and is never told to"
            raise RelayFault(message, part=command.relay, advice="wait for it to close")
        ordered = track.order(command, now) if self._talk.connected else None
        if ordered is None:
            message = f"relay {command.relay} {self._talk.trouble(command.relay)}"
            advice = "check its power and network; open by hand meanwhile"
            raise RelayFault(message, part=command.relay, advice=advice)
        return ordered

    def signal(self, lane: int, signal: Signal) -> None:
        """Show an answer on the lane's lamp and buzzer, if it can be done now."""
        self._talk.say(Message(topics.signal(lane), signal.encode()))

    def sign(self, relay: str, text: SignText) -> None:
        """Show and say `text` on the board of `relay`, if it has one and it can be done now."""
        message = self._talk.track(relay).sign(text, self._clock())
        if message is not None:
            self._talk.say(message)

    def last_event(self, event: LastEvent) -> None:
        """Mirror a lane's last answer for Home Assistant, if it can be done now."""
        if self._site:
            self._talk.say(discovery.last_event(event.lane, event.answer, event.reason, event.at))

    def appears(self) -> tuple[Message, ...]:
        """Return what makes the relays appear in Home Assistant; () without a site's name."""
        return discovery.site(self._site, self._relays) if self._site else ()

    def said(self, name: str, word: Said) -> None:
        """Hear what a relay said, and pass it on."""
        match word:
            case Report() | Reading() | CardRead() | PinRead():
                self._hear(word)
            case Malformed(flaw):
                self._talk.complain(name, f"sends what is no message of its own: {flaw}")
            case Unfit(why):
                self._talk.complain(name, why)
        if self._site and isinstance(word, Reading):
            spec = self._talk.track(word.relay).spec
            self._talk.show(discovery.mirror(self._site, spec, word))

    def other(self, message: Message) -> None:
        """Hear a message of a card reader or keypad."""
        reader = self._readers.get(message.topic)
        if reader is None:
            return
        match heard(reader, message, self._clock()):
            case CardRead() | PinRead() as read:
                self._hear(read)
            case Malformed(flaw):
                self._talk.complain(reader.name, f"sends no card or number of its own: {flaw}")
