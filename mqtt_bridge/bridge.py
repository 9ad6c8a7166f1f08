"""The bridge: every relay of the site behind one broker."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from models.card import CardRead
from models.command import Action, Command, Report
from models.errors import RelayFault
from models.sensor import Reading
from models.sign import SignText
from models.signal import Signal
from mqtt_bridge import discovery, topics
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.codec import Malformed
from mqtt_bridge.link import Errand, Link
from mqtt_bridge.native import native_track
from mqtt_bridge.reader import ReaderSpec, heard
from mqtt_bridge.tasmota import tasmota_track
from mqtt_bridge.track import Profile, RelaySpec, Track, Unfit, closes_itself

PROFILES: Mapping[Profile, Callable[[RelaySpec], Track]] = {
    Profile.KUAHU: native_track,
    Profile.TASMOTA: tasmota_track,
}

_log = logging.getLogger(__name__)


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
        hear: Callable[[Report | Reading | CardRead], None],
        clock: Callable[[], float],
        site: str = "",
        *,
        readers: tuple[ReaderSpec, ...] = (),
    ) -> None:
        self._hear = hear
        self._clock = clock
        self._site = site
        self._relays = relays
        self._lock = Lock()
        self._tracks: dict[str, Track] = {
            relay.name: PROFILES[relay.profile](relay) for relay in relays
        }
        if len(self._tracks) != len(relays):
            message = "two relays share a name; give each its own"
            raise ValueError(message)
        self._owner = {
            topic: name for name, track in self._tracks.items() for topic in track.topics()
        }
        self._complaints: set[tuple[str, str]] = set()
        self._shown: dict[str, bytes] = {}
        self._readers = {reader.topic: reader for reader in readers}
        wanted = (*self._owner, *self._readers) + ((discovery.BIRTH,) if site else ())
        will = discovery.offline() if site else None
        self._link = Link(address, Errand("kuahu-site", wanted, will), self, clock)

    @property
    def connected(self) -> bool:
        """True while the broker has let us in; says nothing about any relay."""
        return self._link.connected

    @property
    def turns(self) -> int:
        """How often the bridge's loop has turned, connected or not (see `Link.turns`)."""
        return self._link.turns

    def start(self) -> None:
        """Begin to connect, for ever; commands nothing."""
        self._link.start()

    def stop(self) -> None:
        """Say goodbye, and return when the bridge's thread has ended."""
        if self._site:
            self._try_publish(discovery.offline())
        self._link.stop()

    def last_seq(self, relay: str) -> int | None:
        """Return the last number that `relay` took, or None while it or the broker is away.

        Raises RelayFault when the site has no such relay.
        """
        track = self._track(relay)
        return track.last_seq(self._clock()) if self._link.connected else None

    def trouble(self, relay: str) -> str:
        """Return why `relay` cannot be commanded now, to follow its name; "" when it can."""
        return self._trouble(self._track(relay), self._clock())

    def starts(self, relay: str) -> int:
        """Return how often `relay` was heard to have started anew."""
        return self._track(relay).starts

    def send(self, command: Command) -> None:
        """Ask once.

        Raises RelayFault at once when the broker or the relay is away, or the deadline has passed.
        """
        now = self._clock()
        if command.deadline <= now:
            message = f"the command to relay {command.relay} came after its own deadline"
            raise RelayFault(message, part=command.relay, advice="try again")
        with self._lock:
            track = self._track(command.relay)
            if command.action is Action.CLOSE and closes_itself(track.spec):
                message = f"relay {command.relay} closes by itself and is never told to"
                raise RelayFault(message, part=command.relay, advice="wait for it to close")
            ordered = track.order(command, now) if self._link.connected else None
            if ordered is None:
                message = f"relay {command.relay} {self._trouble(track, now)}"
                advice = "check its power and network; open by hand meanwhile"
                raise RelayFault(message, part=command.relay, advice=advice)
            self._tracks[command.relay], order = ordered
        try:
            self._link.publish(order)
        except RelayFault:
            with self._lock:
                self._tracks[command.relay] = self._track(command.relay).forget(command.cmd_id)
            raise

    def signal(self, lane: int, signal: Signal) -> None:
        """Show an answer on the lane's lamp and buzzer, if it can be done now."""
        self._try_publish(Message(topics.signal(lane), signal.encode()))

    def sign(self, relay: str, text: SignText) -> None:
        """Show and say `text` on the board of `relay`, if it has one and it can be done now."""
        message = self._track(relay).sign(text, self._clock())
        if message is not None:
            self._try_publish(message)

    def last_event(self, event: LastEvent) -> None:
        """Mirror a lane's last answer for Home Assistant, if it can be done now."""
        if self._site:
            self._try_publish(
                discovery.last_event(event.lane, event.answer, event.reason, event.at)
            )

    def joined(self) -> None:
        """Hear from the link that the broker let us in."""
        self._shown.clear()
        self._show(discovery.site(self._site, self._relays) if self._site else ())

    def left(self) -> None:
        """Hear from the link that the broker went away: no relay is known to be there."""
        with self._lock:
            self._tracks = {name: track.lost() for name, track in self._tracks.items()}

    def turned(self) -> None:
        """Hear from the link that its loop turned: ask those relays that must be asked."""
        now = self._clock()
        for name in self._tracks:
            with self._lock:
                self._tracks[name], questions = self._tracks[name].ask(now)
            for question in questions:
                self._try_publish(question)
            if self._site:
                there = not self._tracks[name].trouble(now)
                self._show((discovery.presence(name, there=there),))

    def heard(self, message: Message) -> None:
        """Hear a message from the link and pass on what a relay said."""
        if message.topic == discovery.BIRTH:
            if message.payload == b"online" and not message.retained:
                self.joined()
            return
        reader = self._readers.get(message.topic)
        if reader is not None:
            self._read(reader, message)
            return
        name = self._owner.get(message.topic)
        if name is None:
            return
        with self._lock:
            self._tracks[name], said = self._tracks[name].hear(message, self._clock())
        for word in said:
            match word:
                case Report() | Reading() | CardRead():
                    self._pass_on(word)
                case Malformed(flaw):
                    self._complain(name, f"sends what is no message of its own: {flaw}")
                case Unfit(why):
                    self._complain(name, why)

    def _read(self, reader: ReaderSpec, message: Message) -> None:
        match heard(reader, message, self._clock()):
            case CardRead() as read:
                self._hear(read)
            case Malformed(flaw):
                self._complain(reader.name, f"sends what is no card of its own: {flaw}")

    def _pass_on(self, word: Report | Reading | CardRead) -> None:
        self._hear(word)
        if self._site and isinstance(word, Reading):
            self._show(discovery.mirror(self._site, self._track(word.relay).spec, word))

    def _show(self, messages: tuple[Message, ...]) -> None:
        for message in messages:
            if self._shown.get(message.topic) != message.payload:
                self._shown[message.topic] = message.payload
                self._try_publish(message)

    def _complain(self, relay: str, why: str) -> None:
        # Once for each reason: a relay that is wrong is wrong every second.
        level = logging.DEBUG if (relay, why) in self._complaints else logging.WARNING
        self._complaints.add((relay, why))
        _log.log(level, "relay %s %s", relay, why)

    def _try_publish(self, message: Message) -> None:
        try:
            self._link.publish(message)
        except RelayFault as fault:
            _log.debug("not said on %s: %s", message.topic, fault)

    def _trouble(self, track: Track, now: float) -> str:
        if not self._link.connected:
            return "cannot be reached: the broker is away"
        return track.trouble(now)

    def _track(self, relay: str) -> Track:
        track = self._tracks.get(relay)
        if track is None:
            message = f"there is no relay {relay!r} in this site"
            raise RelayFault(message, part=relay, advice="name it in the site file")
        return track
