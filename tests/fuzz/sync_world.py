"""An edge with its real store and way up, a centre that behaves, and the road between them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import httpx
import msgspec

from edge.store.store import Store
from edge.sync.centre import Centre
from edge.sync.client import Ends, Uplink
from edge.sync.plan import Course
from edge.sync.road import Address
from edge.sync.road import Road as Wire
from models.event import EventKind
from models.moment import Moment
from tests.fakes.centre_admission import Held
from tests.fakes.centre_edges import token_of
from tests.fakes.store_site import quick_folder

Key = tuple[str, int]
START = Moment(datetime(2026, 11, 21, 8, tzinfo=UTC), 5000.0)


class FarEnd(Protocol):
    """A centre: takes a batch as bytes, says what it holds, and can be started again."""

    def post(self, body: bytes) -> tuple[int, bytes]:
        """Return status and body of the answer to a batch."""

    def held(self, edge: str) -> list[tuple[str, int, str]]:
        """Return (journal, seq, row hash) of every event, in the order of arrival."""

    def restart(self) -> None:
        """Forget all that was not on the disk."""


class ModelCentre:
    """docs/centre.md in thirty lines: each key once, a fork aside, nothing else."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[Key, str]] = {}

    def post(self, body: bytes) -> tuple[int, bytes]:
        batch = msgspec.json.decode(body)
        rows = self._rows.setdefault(batch["edge"], {})
        safe: list[Key] = []
        aside: list[dict[str, Any]] = []
        for index, event in enumerate(batch["events"]):
            key = (event["journal"], event["seq"])
            if rows.setdefault(key, event["row_hash"]) == event["row_hash"]:
                safe.append(key)
            else:
                aside.append({"index": index, "why": "fork"})
        return 200, msgspec.json.encode({"safe": safe, "quarantined": aside})

    def held(self, edge: str) -> list[tuple[str, int, str]]:
        return [(*key, row_hash) for key, row_hash in self._rows.get(edge, {}).items()]

    def restart(self) -> None:
        """Nothing is lost: what was answered was kept."""


@dataclass
class Road:
    """What becomes of the next requests, in order; `poison` seqs are refused with a status."""

    faults: list[str] = field(default_factory=list)
    poison: dict[int, int] = field(default_factory=dict)

    def carry(self, centre: FarEnd, request: httpx.Request) -> httpx.Response:
        """Carry one request there and its answer back, or not."""
        body = request.read()
        for event in msgspec.json.decode(body)["events"]:
            if event["seq"] in self.poison:
                return httpx.Response(self.poison[event["seq"]], content=b'{"error": "no"}')
        fault = self.faults.pop(0) if self.faults else ""
        before = BEFORE.get(fault)
        if before is not None:
            return before()
        status, said = centre.post(body)
        after = AFTER.get(fault)
        return httpx.Response(status, content=said) if after is None else after(status, said)


def _unreachable() -> httpx.Response:
    message = "no route"
    raise httpx.ConnectError(message)


def _lost(_status: int, _said: bytes) -> httpx.Response:
    message = "the answer never came"
    raise httpx.ReadTimeout(message)


BEFORE: dict[str, Callable[[], httpx.Response]] = {
    "away": _unreachable,
    "400": lambda: httpx.Response(400, content=b"no"),
    "401": lambda: httpx.Response(401),
    "413": lambda: httpx.Response(413, content=b"too much"),
    "429": lambda: httpx.Response(429, headers={"Retry-After": "7"}),
    "500": lambda: httpx.Response(500, content=b"<html>"),
    "page": lambda: httpx.Response(200, content=b"<html>log in to the Wi-Fi</html>"),
    "empty": lambda: httpx.Response(200, content=b'{"safe": [], "quarantined": []}'),
    "others": lambda: httpx.Response(
        200, content=msgspec.json.encode({"safe": [["b" * 32, 1]], "quarantined": []})
    ),
    "odd": lambda: httpx.Response(
        200, content=b'{"safe": [], "quarantined": [{"index": 900, "why": "x"}]}'
    ),
}
AFTER: dict[str, Callable[[int, bytes], httpx.Response]] = {
    "lost": _lost,
    "cut": lambda status, said: httpx.Response(status, content=said[: len(said) // 2]),
}
FAULTS = (*BEFORE, *AFTER)


class Hasty(threading.Event):
    """Waits for nothing."""

    def wait(self, timeout: float | None = None) -> bool:
        del timeout
        return self.is_set()


@dataclass
class SyncWorld:
    """One edge; `journal` holds what it has recorded: seq to row hash."""

    folder: Path
    store: Store
    centre: FarEnd
    road: Road = field(default_factory=Road)
    now: Moment = START

    def __post_init__(self) -> None:
        self.seen: dict[Key, str] = {}
        self.course = Course()
        self._connect()

    def record(self, count: int) -> None:
        """Let so many events happen."""
        for number in range(count):
            self.now = self.now.after(1.0)
            self.store.note(EventKind.CALL, "call", self.now, lane=1 + number % 3)

    def look(self) -> None:
        """Note what the outbox holds and its hashes."""
        for row in (*self.store.outbox(1000), *(row for row, _ in self.store.set_aside())):
            self.seen.setdefault(row.key, row.row_hash)

    def turn(self) -> None:
        """Let the way up do one step."""
        self.course = self._uplink.turn(self.course)

    def restart_edge(self) -> None:
        self.store.close()
        self.now = self.now.after(5.0)
        self.store = Store.open(self.folder, self.now, ballast=0, boot="1")
        self.close()
        self._connect()

    def close(self) -> None:
        self._far.__exit__()

    def held(self) -> list[tuple[str, int, str]]:
        return self.centre.held(self.store.edge)

    def _connect(self) -> None:
        self.course = Course()
        # The transport stands in for a socket; all else of the client stays its own.
        transport = httpx.MockTransport(lambda asked: self.road.carry(self.centre, asked))
        address = Address("http://127.0.0.1:9", self.store.edge)
        self._far = Centre(Wire(address, lambda: 0.0, transport), Held(token_of(self.store.edge)))
        ends = Ends(self.store, self._far, _Clock(self))
        self._uplink: Uplink = Uplink(ends, Hasty(), lambda: 0.5)


@dataclass
class _Clock:
    world: SyncWorld

    def now(self) -> Moment:
        return self.world.now


@contextmanager
def edge_folder() -> Iterator[Path]:
    """Make a folder with a store that has been opened once, to be copied for each story."""
    with quick_folder() as folder:
        Store.open(folder / "state", START, ballast=0, boot="1").close()
        yield folder
