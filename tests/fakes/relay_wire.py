"""A bare client on the broker: says any bytes on any topic and keeps all that it hears."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Queue
from socket import SHUT_RDWR, socket
from threading import Lock

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from models.errors import RelayFault
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.link import Errand, Link


class Wire:
    """One client; `count` is how often it has been let in."""

    def __init__(self, address: BrokerAddress, *topics: str) -> None:
        self._lock = Lock()
        self._heard: list[Message] = []
        self.joins = 0
        self.link = Link(address, Errand("test-wire", topics), self, time.monotonic)

    def joined(self) -> None:
        self.joins += 1

    def left(self) -> None:
        return

    def turned(self) -> None:
        return

    def heard(self, message: Message) -> None:
        with self._lock:
            self._heard.append(message)

    def on(self, topic: str) -> list[Message]:
        with self._lock:
            return [message for message in self._heard if message.topic == topic]

    def say(self, topic: str, payload: bytes, *, retained: bool = False) -> None:
        self.link.publish(Message(topic, payload, retained))

    def ping(self) -> None:
        """Return once everything said before has been through the broker."""
        before = self.link.turns
        wait(lambda: self.link.turns > before + 1, "the link's loop")


def wait(until: Callable[[], object], what: str, patience: float = 20.0) -> None:
    give_up = time.monotonic() + patience
    while not until():
        assert time.monotonic() < give_up, f"waited in vain for {what}"
        time.sleep(0.01)


@contextmanager
def wire(address: BrokerAddress, *topics: str) -> Iterator[Wire]:
    client = Wire(address, *topics)
    client.link.start()
    try:
        wait(lambda: client.link.connected, f"the wire to be let in at {address}")
        yield client
    finally:
        client.link.stop()


def refused(address: BrokerAddress, *topics: str) -> str:
    """Return why the broker does not let this client in."""
    client = Wire(address, *topics)
    client.link.start()
    try:
        wait(lambda: "not connected yet" not in _fault(client), "an answer of the broker")
        return _fault(client)
    finally:
        client.link.stop()


def _fault(client: Wire) -> str:
    assert not client.link.connected, "the broker let us in"
    try:
        client.say("x", b"")
    except RelayFault as fault:
        return str(fault)
    return ""


@contextmanager
def dying(address: BrokerAddress, will: Message, name: str = "") -> Iterator[bool]:
    """Come with a last will, tell whether the broker let us in, and fall off the line.

    With a `name` for a client id the broker is asked to keep the session of that name.
    """
    let_in: Queue[bool] = Queue()
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=name or secrets.token_hex(8),
        clean_session=not name,
        reconnect_on_failure=False,
    )
    client.username_pw_set(address.username, address.password)
    client.will_set(will.topic, will.payload, qos=0, retain=will.retained)
    client.on_connect = lambda _client, _data, _flags, reason, _more: let_in.put(
        not reason.is_failure
    )
    client.connect(address.host, address.port)
    client.loop_start()
    try:
        yield let_in.get(timeout=20)
    finally:
        line = client.socket()
        if isinstance(line, socket):
            with suppress(OSError):
                line.shutdown(SHUT_RDWR)
        client.loop_stop()
