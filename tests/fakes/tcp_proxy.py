"""A TCP proxy before a broker that knows MQTT: it repeats, reorders, holds up and replays packets.

Whole MQTT packets are handed to `twist` one by one, with the direction; what it returns goes on in
their place. Connections can be cut, and the way can be closed and opened again.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

_PUBLISH = 3


class Way(StrEnum):
    """Which way a packet goes."""

    UP = "up"
    """From a client to the broker."""
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Packet:
    """One MQTT 3.1.1 packet as it went over the wire."""

    raw: bytes

    @property
    def topic(self) -> str:
        """The topic of a PUBLISH, empty for any other packet."""
        if self.raw[0] >> 4 != _PUBLISH:
            return ""
        at = _body_at(self.raw)
        length = int.from_bytes(self.raw[at : at + 2], "big")
        return self.raw[at + 2 : at + 2 + length].decode()

    def retained(self) -> "Packet":
        """Return the same packet with its retained flag set."""
        return Packet(bytes([self.raw[0] | 1]) + self.raw[1:])


Twist = Callable[[Way, Packet], list[Packet]]


def unchanged(_way: Way, packet: Packet) -> list[Packet]:
    """Let everything through as it is."""
    return [packet]


@dataclass
class Proxy:
    """A running proxy; set `twist` at any time."""

    far_port: int
    twist: Twist = unchanged
    port: int = 0
    connections: int = 0
    _pairs: set[tuple[socket.socket, socket.socket]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def cut(self) -> None:
        """Cut every connection."""
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            _hang_up(*pair)

    def close(self) -> None:
        """Turn away who comes, and cut who is there."""
        self._closed.set()
        self.cut()

    def open(self) -> None:
        """Let clients through again."""
        self._closed.clear()

    def say(self, packet: Packet) -> None:
        """Push a packet down to every client, as a broker would."""
        with self._lock:
            pairs = list(self._pairs)
        for near, _ in pairs:
            with suppress(OSError):
                near.sendall(packet.raw)

    def serve(self, server: socket.socket) -> None:
        """Take in clients until the server socket is closed."""
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            if self._closed.is_set():
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.far_port), 10)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._pairs.add((near, far))
            for way, source, sink in ((Way.UP, near, far), (Way.DOWN, far, near)):
                thread = threading.Thread(target=self._carry, args=(way, source, sink))
                self._threads.append(thread)
                thread.start()

    def finish(self) -> None:
        """Return when every thread has ended."""
        self.close()
        for thread in self._threads:
            thread.join()

    def _carry(self, way: Way, source: socket.socket, sink: socket.socket) -> None:
        data = b""
        with suppress(OSError):
            while piece := source.recv(65536):
                data += piece
                packets, data = split(data)
                for packet in packets:
                    for out in self.twist(way, packet):
                        sink.sendall(out.raw)
        _hang_up(source, sink)
        with self._lock:
            self._pairs = {pair for pair in self._pairs if source not in pair}


def split(data: bytes) -> tuple[list[Packet], bytes]:
    """Return the whole MQTT packets at the start of `data`, and what is left."""
    packets = []
    while (size := _size(data)) is not None and size <= len(data):
        packets.append(Packet(data[:size]))
        data = data[size:]
    return packets, data


def _size(data: bytes) -> int | None:
    """Return the length of the first packet, or None while its length is not all there."""
    length = 0
    for at, byte in enumerate(data[1:5]):
        length |= (byte & 0x7F) << (7 * at)
        if byte < 0x80:
            return 2 + at + length
    return None


def _body_at(raw: bytes) -> int:
    return 2 + next(at for at, byte in enumerate(raw[1:5]) if byte < 0x80)


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextmanager
def mqtt_proxy(far_port: int) -> Iterator[Proxy]:
    """Yield a proxy before the broker at `far_port`."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = Proxy(far_port, port=server.getsockname()[1])
        thread = threading.Thread(target=proxy.serve, args=(server,), name="proxy")
        thread.start()
        try:
            yield proxy
        finally:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join()
            proxy.finish()
