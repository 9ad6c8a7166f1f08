"""A conversation: devices behind one broker, each known by its track, over one connection.

It is what the bridge (doors) and the switchboard (panels) share: who speaks on which topic, asking
at each turn of the loop, what Home Assistant is shown, and complaints that are made once.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any, Generic, Protocol, Self, TypeVar

from models.errors import RelayFault
from mqtt_bridge import discovery
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.link import Errand, Link

Word = TypeVar("Word")
Word_co = TypeVar("Word_co", covariant=True)
Word_contra = TypeVar("Word_contra", contravariant=True)
Result = TypeVar("Result")

_log = logging.getLogger(__name__)


class Partner(Protocol[Word_co]):
    """What is known of one device. Times are seconds of CLOCK_MONOTONIC."""

    def topics(self) -> tuple[str, ...]:
        """Return the topics to listen to."""

    def trouble(self, now: float) -> str:
        """Return why the device cannot be spoken to now, to follow its name; "" when it can."""

    def hear(self, message: Message, now: float) -> tuple[Self, tuple[Word_co, ...]]:
        """Return the track after a message, and what it said; never raises."""

    def ask(self, now: float) -> tuple[Self, tuple[Message, ...]]:
        """Return what to ask the device now, to know that it is there."""

    def lost(self) -> Self:
        """Return the track after the broker went away: nothing is known to be fresh."""


Track = TypeVar("Track", bound=Partner[Any])


class Host(Protocol[Word_contra]):
    """Whom a conversation is held for; called from its thread."""

    def appears(self) -> tuple[Message, ...]:
        """Return what makes the devices appear in Home Assistant; () where they shall not."""

    def said(self, name: str, word: Word_contra) -> None:
        """Hear what a device said."""

    def other(self, message: Message) -> None:
        """Hear a message on one of the host's own topics."""


class Conversation(Generic[Track, Word]):
    """Speaks with devices and hears them; keeps nothing for later.

    `errand` holds the host's own topics, to which those of the devices are added. With `shows`,
    Home Assistant is told of the devices when it or the broker comes up.
    """

    def __init__(
        self,
        address: BrokerAddress,
        errand: Errand,
        tracks: Mapping[str, Track],
        host: Host[Word],
        clock: Callable[[], float],
        *,
        shows: bool,
    ) -> None:
        self._tracks = dict(tracks)
        self._host = host
        self._clock = clock
        self._shows = shows
        self._lock = Lock()
        self._owner = {
            topic: name for name, track in self._tracks.items() for topic in track.topics()
        }
        self._shown: dict[str, bytes] = {}
        self._complaints: set[tuple[str, str]] = set()
        wanted = (*self._owner, *errand.subscriptions, *((discovery.BIRTH,) if shows else ()))
        self._link = Link(address, replace(errand, subscriptions=wanted), self, clock)

    @property
    def connected(self) -> bool:
        """True while the broker has let us in; says nothing about any device."""
        return self._link.connected

    @property
    def turns(self) -> int:
        """How often the loop has turned, connected or not (see `Link.turns`)."""
        return self._link.turns

    def start(self) -> None:
        """Begin to connect, for ever; says nothing to a device by itself."""
        self._link.start()

    def stop(self) -> None:
        """Return when the thread has ended."""
        self._link.stop()

    def track(self, name: str) -> Track:
        """Return what is known of a device.

        Raises RelayFault when the site has none of that name.
        """
        track = self._tracks.get(name)
        if track is None:
            message = f"there is no relay {name!r} in this site"
            raise RelayFault(message, part=name, advice="name it in the site file")
        return track

    def change(self, name: str, step: Callable[[Track], tuple[Track, Result]]) -> Result:
        """Put what `step` makes of a device's track in its place and return what else it gives."""
        with self._lock:
            self._tracks[name], result = step(self.track(name))
        return result

    def trouble(self, name: str) -> str:
        """Return why a device cannot be spoken to now, to follow its name; "" when it can."""
        track = self.track(name)
        if not self._link.connected:
            return "cannot be reached: the broker is away"
        return track.trouble(self._clock())

    def publish(self, message: Message) -> None:
        """Say something now.

        Raises RelayFault when the broker is away.
        """
        self._link.publish(message)

    def say(self, message: Message) -> bool:
        """Say something if it can be done now, and return whether it was said."""
        try:
            self._link.publish(message)
        except RelayFault as fault:
            _log.debug("not said on %s: %s", message.topic, fault)
            return False
        return True

    def show(self, messages: tuple[Message, ...]) -> None:
        """Say those of `messages` that are not what was said last on their topic."""
        for message in messages:
            if self._shown.get(message.topic) != message.payload and self.say(message):
                self._shown[message.topic] = message.payload

    def complain(self, name: str, why: str) -> None:
        """Log what is wrong with a device, once for each reason: it is wrong every second."""
        level = logging.DEBUG if (name, why) in self._complaints else logging.WARNING
        self._complaints.add((name, why))
        _log.log(level, "relay %s %s", name, why)

    def joined(self) -> None:
        """Hear from the link that the broker let us in."""
        self._shown.clear()
        self.show(self._host.appears())

    def left(self) -> None:
        """Hear from the link that the broker went away: no device is known to be there."""
        with self._lock:
            self._tracks = {name: track.lost() for name, track in self._tracks.items()}

    def turned(self) -> None:
        """Hear from the link that its loop turned: ask those devices that must be asked."""
        now = self._clock()
        for name in self._tracks:
            for question in self.change(name, lambda track: track.ask(now)):
                self.say(question)
            if self._shows:
                there = not self._tracks[name].trouble(now)
                self.show((discovery.presence(name, there=there),))

    def heard(self, message: Message) -> None:
        """Hear a message from the link and pass on what a device said."""
        if message.topic == discovery.BIRTH:
            if message.payload == b"online" and not message.retained:
                self.joined()
            return
        name = self._owner.get(message.topic)
        if name is None:
            self._host.other(message)
            return
        now = self._clock()
        for word in self.change(name, lambda track: track.hear(message, now)):
            self._host.said(name, word)
