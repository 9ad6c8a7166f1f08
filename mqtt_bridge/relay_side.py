"""The relay's side of the wire: one brain (relay_core), any body, one link."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from threading import Event, RLock, Thread
from typing import Protocol

from models.errors import RelayFault
from models.lane import Direction
from models.sign import SignText
from mqtt_bridge import codec, relay_core, sign
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.link import Errand, Link
from mqtt_bridge.relay_core import Actuate, Effect, Relay, Senses, Tell, Wiring
from mqtt_bridge.topics import Kind, RelayTopic

FEEL_EVERY = 0.02
"""Seconds between two looks at the inputs."""

BEAT_EVERY = 1.0
"""Seconds between two heartbeats when nothing changes."""

CHANGE_EVERY = 0.05
"""Seconds between two heartbeats when everything changes."""

_log = logging.getLogger(__name__)


class Body(Protocol):
    """What a relay moves and feels with."""

    def senses(self) -> Senses:
        """Return what is felt now; an input that cannot be read is left out."""

    def actuate(self, move: Actuate, relay: Relay) -> None:
        """Move the barrier.

        Raises RelayFault when it cannot.
        """


class RelaySide:
    """Runs one relay: hears commands, feels inputs, says heartbeats and reports.

    `start` draws a new epoch. The inputs are felt in a thread of their own, so that a fire or a
    person under the arm is noticed while there is no broker.
    """

    def __init__(
        self, address: BrokerAddress, wiring: Wiring, body: Body, clock: Callable[[], float]
    ) -> None:
        self._address = address
        self._wiring = wiring
        self._body = body
        self._clock = clock
        self._lock = RLock()
        self._born = clock()
        self._relay = Relay(secrets.token_hex(8))
        self._sign: SignText | None = None
        self._sign_until = self._born
        self._said = self._relay.senses
        self._said_at = self._born - BEAT_EVERY
        self._stop = Event()
        self._feeling = Thread(target=self._feel, name=f"feel-{wiring.relay}")
        self._link = self._new_link()

    @property
    def connected(self) -> bool:
        """True while commands can come in."""
        return self._link.connected

    @property
    def relay(self) -> Relay:
        """The relay's state as it is now."""
        return self._relay

    def start(self) -> None:
        """Begin to feel and to connect; moves nothing unless there is a fire."""
        self._feeling.start()
        self._link.start()

    def stop(self) -> None:
        """Return when both threads have ended."""
        self._stop.set()
        self._link.stop()
        if self._feeling.is_alive():
            self._feeling.join()

    def reboot(self) -> None:
        """Forget everything and start again with a new epoch, as after a power cut."""
        with self._lock:
            self._born = self._clock()
            self._relay = replace(Relay(secrets.token_hex(8)), senses=self._relay.senses)
            self._said_at = self._born - BEAT_EVERY

    def swipe(self, card: str, direction: Direction | None = None) -> None:
        """Say that a card was held to the board's reader; lost where there is no broker."""
        with self._lock:
            swipe = codec.Swipe(self._relay.epoch, self._tick(), card, direction)
            name = self._wiring.relay
            payload = codec.encode_swipe(self._wiring.key, name, swipe)
            self._publish(Message(str(RelayTopic(name, Kind.CARD)), payload))

    def key_in(self, digits: str, direction: Direction | None = None) -> None:
        """Say that digits were typed at the board's keypad; lost where there is no broker."""
        with self._lock:
            typed = codec.Typed(self._relay.epoch, self._tick(), digits, direction)
            name = self._wiring.relay
            payload = codec.encode_typed(self._wiring.key, name, typed)
            self._publish(Message(str(RelayTopic(name, Kind.PIN)), payload))

    def unplug(self) -> None:
        """Leave the network; the body goes on feeling."""
        self._link.stop()

    def plug(self) -> None:
        """Come back to the network after `unplug`."""
        self._link = self._new_link()
        self._link.start()

    def joined(self) -> None:
        """Hear from the link that commands can come in: say hello at once."""
        with self._lock:
            self._said_at = self._clock() - BEAT_EVERY

    def left(self) -> None:
        """Hear from the link that the broker went away; there is nothing to do about it."""

    def turned(self) -> None:
        """Hear from the link that its loop turned; the body has its own thread."""

    @property
    def sign(self) -> SignText | None:
        """What the board's display shows now, None where it is dark."""
        with self._lock:
            return self._sign if self._clock() < self._sign_until else None

    def heard(self, message: Message) -> None:
        """Hear a message on the command topic and do what follows; or show a sign."""
        with self._lock:
            if message.topic == sign.topic(self._wiring.relay):
                self._show(message)
                return
            self._sense()
            self._relay, effects = relay_core.receive(
                self._wiring,
                self._relay,
                message.payload,
                self._tick(),
                retained=message.retained,
            )
            self._perform(effects)

    def _show(self, message: Message) -> None:
        now = (self._relay.epoch, self._tick())
        text = sign.shown(self._wiring.key, self._wiring.relay, message, now)
        if isinstance(text, SignText):
            self._sign, self._sign_until = text, self._clock() + text.seconds

    def _new_link(self) -> Link:
        command = str(RelayTopic(self._wiring.relay, Kind.COMMAND))
        wanted = (command, sign.topic(self._wiring.relay))
        errand = Errand(f"kuahu-relay-{self._wiring.relay}", wanted)
        return Link(self._address, errand, self, self._clock)

    def _tick(self) -> int:
        return int((self._clock() - self._born) * 1000)

    def _feel(self) -> None:
        while not self._stop.wait(FEEL_EVERY):
            with self._lock:
                self._sense()
                since = self._clock() - self._said_at
                changed = self._relay.senses != self._said
                if since >= BEAT_EVERY or (changed and since >= CHANGE_EVERY):
                    self._beat()

    def _sense(self) -> None:
        try:
            senses = self._body.senses()
        except RelayFault as fault:
            _log.warning("relay %s cannot feel: %s", self._wiring.relay, fault)
            senses = Senses()
        self._relay, effects = relay_core.sense(self._wiring, self._relay, senses)
        self._perform(effects)

    def _perform(self, effects: tuple[Effect, ...]) -> None:
        moved = True
        for effect in effects:
            match effect:
                case Actuate():
                    moved = self._move(effect)
                case Tell(answer):
                    self._tell(answer if moved else relay_core.broken(answer))

    def _move(self, move: Actuate) -> bool:
        try:
            self._body.actuate(move, self._relay)
        except RelayFault as fault:
            _log.error("relay %s cannot move: %s", self._wiring.relay, fault)
            return False
        return True

    def _beat(self) -> None:
        heartbeat = relay_core.heartbeat(self._relay, self._tick())
        name = self._wiring.relay
        payload = codec.encode_heartbeat(self._wiring.key, name, heartbeat)
        self._said, self._said_at = self._relay.senses, self._clock()
        self._publish(Message(str(RelayTopic(name, Kind.HEARTBEAT)), payload))

    def _tell(self, answer: codec.Answer) -> None:
        name = self._wiring.relay
        payload = codec.encode_answer(self._wiring.key, name, answer)
        self._publish(Message(str(RelayTopic(name, Kind.REPORT)), payload))

    def _publish(self, message: Message) -> None:
        try:
            self._link.publish(message)
        except RelayFault:
            # Nobody to tell; what is true now is said again with the next heartbeat.
            return
