"""One connection to a broker, made again for ever: the only file that imports paho.

A command must never be held back and sent later. paho keeps QoS 1 messages over a reconnect and
sends them again, so everything here is QoS 0, and every connection gets a paho client of its own
that is thrown away with it: nothing can outlive the connection it was meant for. One thread of
ours turns the loop (paho's external-loop interface), so that a watchdog can count its turns.
"""

import logging
import random
import select
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from typing import Protocol
from uuid import uuid4

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from models.errors import RelayFault
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.tls import tls_context

TURN = 0.25
"""Seconds that one turn of the loop waits at most."""

_KEEPALIVE = 5
_CONNECT_TIMEOUT = 2.0
_JOIN_TIMEOUT = 5.0
_LONGEST_PAUSE = 8.0

_log = logging.getLogger(__name__)


class Ear(Protocol):
    """Whoever a link belongs to; called from the link's thread."""

    def joined(self) -> None:
        """Hear that the broker let us in and granted every subscription."""

    def left(self) -> None:
        """Hear that a connection which had joined is gone."""

    def heard(self, message: Message) -> None:
        """Hear a message."""

    def turned(self) -> None:
        """Hear that the loop turned while joined: at least every `TURN` seconds."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a connection is for: `name` begins its client id, `will` is left behind on a crash."""

    name: str
    subscriptions: tuple[str, ...]
    will: Message | None = None


def pause(tries: int, chance: float) -> float:
    """Return the seconds to wait before the next try after `tries` failed ones.

    Doubles from 1 to 8 s, and half as much again by `chance` (0 to 1), so that a hundred gates
    do not come back in step. Never below one second: a broker that flaps sees one try a second.
    """
    return min(_LONGEST_PAUSE, float(2 ** min(tries, 10))) * (1 + chance / 2)


class Link:
    """Keeps one connection to a broker, and says when there is none.

    Raises ConfigError when the address names certificates that cannot be used.
    An exception from its `Ear` ends the thread and so the turns, which a watchdog sees.
    """

    def __init__(
        self, address: BrokerAddress, errand: Errand, ear: Ear, clock: Callable[[], float]
    ) -> None:
        self._address = address
        self._errand = errand
        self._ear = ear
        self._clock = clock
        self._tls = tls_context(address) if address.tls else None
        self._stop = Event()
        self._thread = Thread(target=self._run, name=f"link-{errand.name}")
        self._joined: Client | None = None
        self._stuck = False
        self._trouble = ""
        self._reason = ""
        self._turns = 0
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.settimeout(0)
        self._wake_out.settimeout(0)

    @property
    def connected(self) -> bool:
        """True while the broker has let us in and granted every subscription."""
        return self._joined is not None

    @property
    def turns(self) -> int:
        """How often the loop has turned, joined or not; one that stands still for 30 s is dead.

        A turn is a quarter of a second, or as long as a connection attempt: two seconds and the
        system's own time to look up the broker's name.
        """
        return self._turns

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def stop(self) -> None:
        """Disconnect, and return when the thread has ended."""
        self._stop.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join()
        self._wake_in.close()
        self._wake_out.close()

    def publish(self, message: Message) -> None:
        """Hand one message to the broker now.

        Raises RelayFault at once when there is no broker, or when it takes nothing.
        """
        client = self._joined
        if client is None or self._stuck:
            raise self._away()
        sent = client.publish(message.topic, message.payload, qos=0, retain=message.retained)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise self._away()
        self._wake()

    def _away(self) -> RelayFault:
        why = self._trouble or "is not connected yet"
        if self.connected:
            why = "takes no messages"
        return RelayFault(
            f"the broker at {self._address} {why}",
            part="broker",
            advice="check that the broker runs and that this machine can reach it",
        )

    def _wake(self) -> None:
        try:
            self._wake_out.send(b"\0")
        except OSError:
            # Full: the loop is about to turn anyway. Closed: there is no loop any more.
            return

    def _run(self) -> None:
        tries = 0
        while not self._stop.is_set():
            if self._session():
                tries = 0
            wake_at = self._clock() + pause(tries, random.random())  # noqa: S311 - spreads load
            tries += 1
            while self._clock() < wake_at and not self._stop.wait(TURN):
                self._turns += 1

    def _session(self) -> bool:
        """Hold one connection until it ends; return whether it had joined."""
        client = self._client()
        self._stuck, self._reason = False, ""
        try:
            client.connect(self._address.host, self._address.port, keepalive=_KEEPALIVE)
        except OSError as error:
            self._complain(f"cannot be reached: {error}")
            return False
        give_up_at = self._clock() + _JOIN_TIMEOUT
        while self._turn(client) and not self._stop.is_set():
            if self._joined is None and self._clock() > give_up_at:
                self._complain("accepts connections but does not answer")
                break
        joined, self._joined = self._joined is not None, None
        client.disconnect()
        client.loop_write()
        if joined:
            self._ear.left()
        if not self._reason and not self._stop.is_set():
            self._complain("has gone away" if joined else "hangs up on us without a word")
        return joined

    def _turn(self, client: Client) -> bool:
        """Read and write what can be; return whether the connection still stands."""
        self._turns += 1
        if client.want_write():
            client.loop_write()
        sock = client.socket()
        if sock is None:
            return False
        pending = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        writers = [sock] if client.want_write() else []
        wait = 0 if pending else TURN
        readable, writable, _ = select.select([sock, self._wake_in], writers, [], wait)
        self._stuck = writers != writable
        if self._wake_in in readable:
            self._wake_in.recv(4096)
        if pending or sock in readable:
            client.loop_read()
        client.loop_misc()
        if self._joined is not None:
            self._ear.turned()
        return client.socket() is not None

    def _client(self) -> Client:
        # A client id of its own for each connection: no broker then has an old one to take over.
        name = f"{self._errand.name}-{uuid4().hex[:8]}"
        client = Client(CallbackAPIVersion.VERSION2, client_id=name, reconnect_on_failure=False)
        client.connect_timeout = _CONNECT_TIMEOUT
        if self._address.username:
            client.username_pw_set(self._address.username, self._address.password)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        if self._errand.will is not None:
            will = self._errand.will
            client.will_set(will.topic, will.payload, qos=0, retain=will.retained)
        client.on_socket_open = _no_delay
        # Its presence keeps paho from writing in the publishing thread; `_wake` does its work.
        client.on_socket_register_write = _leave_to_the_loop
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    def _on_connect(
        self,
        client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._complain(f"refused us: {reason}")
        elif self._errand.subscriptions:
            client.subscribe([(topic, 0) for topic in self._errand.subscriptions])
        else:
            self._join(client)

    def _on_subscribe(
        self,
        client: Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._complain("will not let us listen: its access list lacks our topics")
            client.disconnect()
        else:
            self._join(client)

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        self._ear.heard(Message(topic, bytes(message.payload), message.retain))

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        _reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._stuck = True

    def _join(self, client: Client) -> None:
        if self._trouble:
            _log.info("the broker at %s is back", self._address)
        self._trouble = ""
        self._joined = client
        self._ear.joined()

    def _complain(self, why: str) -> None:
        # Once per outage, and as a detail: whoever owns the link warns of what it means.
        level = logging.DEBUG if self._trouble else logging.INFO
        self._trouble = self._reason = why
        _log.log(level, "the broker at %s %s", self._address, why)


def _no_delay(_client: Client, _userdata: object, sock: object) -> None:
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _leave_to_the_loop(_client: Client, _userdata: object, _sock: object) -> None:
    return
