"""People at every lane of a site, at a steady pace: let in, refused, on their way out again."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge import wire
from edge.channel import Client, connect
from edge.clock import SystemClock
from edge.places import keep_secret
from gate.pass_keys import published
from gate.passes import mint
from models.lane import Direction
from models.observation import FaceFault, FaceSeen, PassShown, Sighting
from tests.fakes.one_visit import one_visit
from tests.nemesis.load import PATIENCE, Told, press
from tests.nemesis.site import Site

COMPOUND = "00112233"
CROP = b"\xff\xd8\xff" + bytes(range(256)) * 24
"""Evidence of the size of a face."""


class Visitors:
    """One queue of people a lane, one of them every `every` seconds, until `stop`.

    In turn: a guard's press, a stranger's face, a visitor's pass in, rubbish held to the reader,
    and the same pass out. Whoever is let in walks through.
    """

    def __init__(self, site: Site, every: float) -> None:
        self._site = site
        self._every = every
        self._key = Ed25519PrivateKey.generate()
        keep_secret(site.places.pass_keys, published(COMPOUND, [(1, self._key.public_key())]))
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._told: list[Told] = []
        self._came = 0
        self.errors: list[Exception] = []
        self._threads = [
            threading.Thread(target=self._queue, args=(spec.lane,), name=f"queue-{spec.lane}")
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
    def came(self) -> int:
        """How many people have been answered or shown to core."""
        return self._came

    def _queue(self, lane: int) -> None:
        client = Client(connect(self._site.places.core_socket, "cli"), lambda _message: None)
        try:
            self._serve(client, lane)
        except Exception as error:  # noqa: BLE001 - told by the test, which ends
            self.errors.append(error)
        finally:
            client.close()

    def _serve(self, client: Client, lane: int) -> None:
        turns = cycle(range(5))
        due, count, token = time.monotonic(), 0, ""
        while not self._stop.is_set():
            turn = next(turns)
            count += 1
            if turn == 0:
                self._heard(press(client, lane), lane)
            elif turn == 1:
                at = Sighting(lane, Direction.ENTRY, time.monotonic(), "cam")
                face = FaceSeen(at, None, FaceFault.UNKNOWN, 0.1, 2**31, count)
                client.tell(wire.SawFace(face, CROP))
            elif turn == 2:
                token = self._token(lane, count)
                self._heard(self._check(client, lane, "entry", token), lane)
            elif turn == 3:
                at = Sighting(lane, Direction.ENTRY, time.monotonic(), "cam")
                client.tell(wire.SawCode(PassShown(at, f"KH1:{count}")))
            else:
                self._heard(self._check(client, lane, "exit", token), lane)
            with self._lock:
                self._came += 1
            due = max(due + self._every, time.monotonic() - self._every)
            self._stop.wait(max(0.0, due - time.monotonic()))

    def _heard(self, told: Told, lane: int) -> None:
        with self._lock:
            self._told.append(told)
        if told.answer == "opened":
            self._site.gates[lane].walk()

    @staticmethod
    def _check(client: Client, lane: int, way: str, token: str) -> Told:
        ask = wire.Check(client.ref(), lane, way, token, "wang")
        said = client.ask(ask, wire.Answered, PATIENCE)
        return Told(lane, said.seq, said.answer, time.monotonic())

    def _token(self, lane: int, number: int) -> str:
        now = SystemClock().now().utc
        return mint(one_visit(f"{lane:08x}{number:024x}", COMPOUND, now), self._key)


@contextmanager
def visitors(site: Site, every: float) -> Iterator[Visitors]:
    """Yield people at every lane; they have gone home when the block ends."""
    people = Visitors(site, every)
    people.start()
    try:
        yield people
    finally:
        people.stop()
