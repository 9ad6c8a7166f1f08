"""A guard at every lane who presses as fast as the gate answers, and remembers every word."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from edge import wire
from edge.channel import ChannelFault, Client, Refused, connect
from models.lane import Direction
from models.observation import GuardPressed, GuardReason, Sighting
from tests.nemesis.site import Site

PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Told:
    """What a guard was told, and when (seconds of CLOCK_MONOTONIC)."""

    lane: int
    seq: int
    answer: str
    at: float


def press(client: Client, lane: int) -> Told:
    """Press once and return the answer.

    Raises ChannelFault, Refused or TimeoutError when there is none.
    """
    at = Sighting(lane, Direction.ENTRY, time.monotonic())
    seen = GuardPressed(at, "wang", GuardReason.DELIVERY)
    said = client.ask(wire.Press(client.ref(), seen), wire.Answered, PATIENCE)
    return Told(lane, said.seq, said.answer, time.monotonic())


def press_once(site: Site, lane: int = 1) -> Told:
    """Press once over a connection of one's own."""
    client = Client(connect(site.places.core_socket, "cli"), lambda _message: None)
    try:
        return press(client, lane)
    finally:
        client.close()


class Guards:
    """Guards who go on pressing until `stop`; a core that is away is waited for."""

    def __init__(self, site: Site, pause: float = 0.0) -> None:
        self._site = site
        self._pause = pause
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._told: list[Told] = []
        self._threads = [
            threading.Thread(target=self._work, args=(spec.lane,), name=f"guard-{spec.lane}")
            for spec in site.specs
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def told(self) -> tuple[Told, ...]:
        with self._lock:
            return tuple(self._told)

    @property
    def opened(self) -> int:
        return sum(one.answer == "opened" for one in self.told)

    def _work(self, lane: int) -> None:
        while not self._stop.is_set():
            try:
                client = Client(connect(self._site.places.core_socket, "cli"), lambda _: None)
            except ChannelFault:
                self._stop.wait(0.05)
                continue
            try:
                while not self._stop.is_set():
                    said = press(client, lane)
                    with self._lock:
                        self._told.append(said)
                    self._stop.wait(self._pause)
            except (ChannelFault, Refused, TimeoutError):
                pass
            finally:
                client.close()


@contextmanager
def guards(site: Site, pause: float = 0.0) -> Iterator[Guards]:
    """Yield guards at work; they have gone home when the block ends."""
    at_work = Guards(site, pause)
    at_work.start()
    try:
        yield at_work
    finally:
        at_work.stop()
