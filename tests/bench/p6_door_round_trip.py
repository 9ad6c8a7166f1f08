"""P6: from a door command to the relay's report, as shipped, against stock and against bare.

Each contender has a relay in a process of its own and a broker. Blocks are interleaved; a block's
ratio is our median over the peer's median in the same block.

- shipped: our mosquitto configuration, our bridge, our relay with its seals and rules, QoS 0.
- stock: mosquitto without a configuration and paho as it comes, at QoS 1, as commands are usually
  sent, and at QoS 0 for comparison.
- bare: our mosquitto configuration and bare paho with Nagle off, no seal, no rules; at QoS 0 as the
  floor under us, and at QoS 1 to part what Nagle costs from what QoS 1 costs.

P6b compares two whole set-ups, which differ in Nagle and in QoS. The rows without a goal say which
of the two it comes from.
"""

import multiprocessing
import queue
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from models.command import Action, Command, Outcome, Position, Report
from models.lane import Drive
from models.sensor import Reading
from mqtt_bridge import access
from mqtt_bridge.bridge import Bridge
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.relay_core import Actuate, Relay, Senses, Wiring
from mqtt_bridge.relay_side import RelaySide
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.track import RelaySpec
from tests.bench._blocks import show
from tests.bench._row import About, Goal, Row
from tests.fakes.mosquitto import PROGRAM, Mosquitto, free_port, mosquitto_broker, wait_for_port

BLOCKS = 7
EXCHANGES = 15
REST = 0.06
"""Seconds between two commands: doors are not commanded back to back."""

RELAY = "gate-1"
BARE = ("kuahu/1/relay/gate-1/command", "kuahu/1/relay/gate-1/report")

Exchange = Callable[[], float]


class NoBody:
    """A relay's body without iron."""

    def senses(self) -> Senses:
        return Senses(Position.CLOSED, {})

    def actuate(self, move: Actuate, relay: Relay) -> None:
        del move, relay


def serve_ours(address: BrokerAddress, wiring: Wiring, stop: Event) -> None:
    side = RelaySide(address, wiring, NoBody(), time.monotonic)
    side.start()
    stop.wait()
    side.stop()


def serve_echo(address: BrokerAddress, qos: int, *, nodelay: bool, stop: Event) -> None:
    def echo(client: Client, _userdata: object, message: MQTTMessage) -> None:
        client.publish(BARE[1], message.payload, qos=qos)

    client = paho(address, nodelay=nodelay)
    client.on_message = echo
    client.on_connect = lambda c, *_: c.subscribe(BARE[0], qos)
    client.connect(address.host, address.port)
    client.loop_start()
    stop.wait()
    client.disconnect()
    client.loop_stop()


def paho(address: BrokerAddress, *, nodelay: bool) -> Client:
    client = Client(CallbackAPIVersion.VERSION2)
    if address.username:
        client.username_pw_set(address.username, address.password)
    if nodelay:
        client.on_socket_open = _nodelay
    return client


def _nodelay(_client: Client, _userdata: object, sock: object) -> None:
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@contextmanager
def process(target: Callable[..., None], *args: object, **named: object) -> Iterator[None]:
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    child = spawn.Process(target=target, args=args, kwargs={**named, "stop": stop})
    child.start()
    try:
        yield
    finally:
        stop.set()
        child.join(20)


@contextmanager
def shipped(broker: Mosquitto, spec: RelaySpec, key: RelayKey) -> Iterator[Exchange]:
    heard: queue.SimpleQueue[float] = queue.SimpleQueue()

    def hear(word: Report | Reading) -> None:
        if isinstance(word, Report) and word.outcome is Outcome.DONE:
            heard.put(time.perf_counter())

    wiring = Wiring(RELAY, 1, Drive.PULSE, key, position=False)
    bridge = Bridge(broker.address(), (spec,), hear, time.monotonic)
    seq = 0

    def exchange() -> float:
        nonlocal seq
        seq += 1
        cmd_id, start = secrets.token_hex(16), time.perf_counter()
        bridge.send(Command(cmd_id, 1, RELAY, Action.OPEN, seq, time.monotonic() + 2.0))
        return heard.get(timeout=10) - start

    with process(serve_ours, broker.address(access.relay_login(RELAY)), wiring):
        bridge.start()
        try:
            _until(lambda: bridge.last_seq(RELAY) is not None)
            yield exchange
        finally:
            bridge.stop()


@contextmanager
def plain(
    site: BrokerAddress, relay: BrokerAddress, qos: int, *, nodelay: bool
) -> Iterator[Exchange]:
    heard: queue.SimpleQueue[tuple[bytes, float]] = queue.SimpleQueue()
    granted: queue.SimpleQueue[bool] = queue.SimpleQueue()
    client = paho(site, nodelay=nodelay)
    client.on_message = lambda _c, _u, m: heard.put((bytes(m.payload), time.perf_counter()))
    client.on_subscribe = lambda *_: granted.put(item=True)
    client.on_connect = lambda c, *_: c.subscribe(BARE[1], qos)

    def exchange(patience: float = 10.0) -> float:
        payload, start = secrets.token_hex(100).encode(), time.perf_counter()
        client.publish(BARE[0], payload, qos=qos)
        while True:
            answer, at = heard.get(timeout=patience)
            if answer == payload:
                return at - start

    def awake() -> bool:
        try:
            return exchange(patience=0.3) > 0
        except queue.Empty:
            return False

    with process(serve_echo, relay, qos, nodelay=nodelay):
        client.connect(site.host, site.port)
        client.loop_start()
        try:
            granted.get(timeout=20)
            _until(awake)
            yield exchange
        finally:
            client.disconnect()
            client.loop_stop()


@contextmanager
def stock_mosquitto(folder: Path) -> Iterator[BrokerAddress]:
    port, log = free_port(), folder / "stock.log"
    with log.open("wb") as sink:
        running = subprocess.Popen([PROGRAM, "-p", str(port)], stderr=sink, stdout=sink)
    try:
        wait_for_port(port, running, log)
        yield BrokerAddress(port=port)
    finally:
        running.terminate()
        running.wait(20)


def _until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not true():
        if time.monotonic() > give_up:
            message = "a contender did not come up within a minute"
            raise RuntimeError(message)
        time.sleep(0.02)


def block(exchange: Exchange) -> float:
    """Return the median of one block of exchanges, in seconds."""
    taken = []
    for _ in range(EXCHANGES):
        time.sleep(REST)
        taken.append(exchange())
    return statistics.median(taken)


def row(name: str, peer: str, ours: list[float], theirs: list[float], goal: float | None) -> Row:
    """Return one row, its blocks' figures in milliseconds."""
    about = About(name, peer, "our median / peer's median", "ms", BLOCKS * EXCHANGES)
    figures = tuple(tuple(seconds * 1000 for seconds in side) for side in (ours, theirs))
    return Row(about, Goal("<=", goal), *figures)


def main() -> None:
    """Print one JSON object a line: P6a, P6b, then two rows without a goal that explain P6b."""
    key = RelayKey(secrets.token_bytes(32))
    spec = RelaySpec(RELAY, 1, Drive.PULSE, key=key)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = stack.enter_context(mosquitto_broker(folder, (spec,)))
        stock = stack.enter_context(stock_mosquitto(folder))
        bare_folder = folder / "bare"
        bare_folder.mkdir()
        bare = stack.enter_context(mosquitto_broker(bare_folder, (spec,)))
        site, relay = bare.address(), bare.address(access.relay_login(RELAY))
        # QoS 0 and QoS 1 need a broker each: both use the same topics.
        calm_folder, sure_folder = folder / "calm", folder / "sure"
        calm_folder.mkdir()
        sure_folder.mkdir()
        calm = stack.enter_context(stock_mosquitto(calm_folder))
        sure = stack.enter_context(mosquitto_broker(sure_folder, (spec,)))
        sure_site, sure_relay = sure.address(), sure.address(access.relay_login(RELAY))
        contenders = {
            "shipped": stack.enter_context(shipped(ours, spec, key)),
            "bare": stack.enter_context(plain(site, relay, 0, nodelay=True)),
            "stock": stack.enter_context(plain(stock, stock, 1, nodelay=False)),
            "bare_qos1": stack.enter_context(plain(sure_site, sure_relay, 1, nodelay=True)),
            "stock_qos0": stack.enter_context(plain(calm, calm, 0, nodelay=False)),
        }
        taken: dict[str, list[float]] = {name: [] for name in contenders}
        for number in range(BLOCKS):
            for name, exchange in contenders.items():
                taken[name].append(block(exchange))
            now = {name: round(times[-1] * 1000, 3) for name, times in taken.items()}
            sys.stderr.write(f"P6 block {number + 1}/{BLOCKS}: {now} ms\n")
    show(
        row("P6a", "bare paho, Nagle off, QoS 0", taken["shipped"], taken["bare"], 2.0),
        row("P6b", "stock mosquitto and paho, QoS 1", taken["shipped"], taken["stock"], 0.05),
        row("P6b_nagle_only", "stock, both at QoS 1", taken["bare_qos1"], taken["stock"], None),
        row("P6b_qos0", "stock, both at QoS 0", taken["shipped"], taken["stock_qos0"], None),
    )
