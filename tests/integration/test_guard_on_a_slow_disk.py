"""A disk that begins to stall keeps no guard waiting: the opening is recorded later.

A real store whose COMMIT waits for the test, a real lane, a relay that notes what it is sent.
"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, event

from edge.facts import Gatherer, SiteRules
from edge.inbox import Seen, Stand
from edge.lane import LaneKeeper
from edge.ports import World
from edge.store.store import Store
from gate.barrier import Fitting
from models.command import Command, Outcome, Position, Report
from models.event import Event, EventKind
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.moment import Moment
from models.observation import FaceFault, FaceSeen, GuardPressed, GuardReason, Sighting
from models.signal import Signal
from models.standing import Order, Standing
from tests.fakes.running_site import wait_until
from tests.fakes.store_site import quick_folder

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
LANE = Lane(
    1,
    "1号门",
    LaneKind.PEDESTRIAN,
    frozenset(Direction),
    Drive.PULSE,
    frozenset({Credential.FACE, Credential.PASS}),
)


class Clock:
    def now(self) -> Moment:
        return Moment(START, time.monotonic())


class Relay:
    """One relay that does at once what it is told."""

    def __init__(self) -> None:
        self.sent: list[Command] = []
        self.keeper: LaneKeeper | None = None

    def last_seq(self, relay: str) -> int | None:
        del relay
        return len(self.sent)

    def send(self, command: Command) -> None:
        self.sent.append(command)
        assert self.keeper is not None
        done, at = Outcome.DONE, time.monotonic()
        self.keeper.inbox.put(Report(command.cmd_id, "gate-1", 1, done, Position.OPEN, at))

    def signal(self, lane: int, signal: Signal) -> None:
        """Show nothing."""


class Stall:
    """Holds the store's next COMMIT until it is let go."""

    def __init__(self, store: Store) -> None:
        self._armed, self._go = threading.Event(), threading.Event()
        self.reached = threading.Event()
        event.listen(store._parts.writer._engine, "commit", self._wait)

    def begin(self) -> None:
        self._armed.set()

    def end(self) -> None:
        self._go.set()

    def _wait(self, connection: Connection) -> None:
        del connection
        if self._armed.is_set() and not self._go.is_set():
            self.reached.set()
            self._go.wait(60)


class Gate:
    """A lane at work on a store that can stall."""

    def __init__(self, store: Store, later: ThreadPoolExecutor) -> None:
        self.store, self.relay, self.stall = store, Relay(), Stall(store)
        rules = SiteRules("00112233", ZoneInfo("Asia/Shanghai"), {1: LANE}, dict)
        world = World(
            Clock(),
            Gatherer(rules, store),
            store,
            self.relay,
            lambda *_words: None,
            lambda _seq: None,
            later.submit,
        )
        self.keeper = LaneKeeper(LANE, "gate-1", Fitting(Drive.PULSE, frozenset(), 5.0), world)
        self.relay.keeper = self.keeper
        self.said: list[tuple[str, str, int]] = []

    def press(self) -> None:
        at = Sighting(1, Direction.ENTRY, time.monotonic())
        seen = GuardPressed(at, "wang", GuardReason.DELIVERY)
        self.keeper.inbox.put(Seen(seen, answer=lambda *words: self.said.append(words)))

    def rows(self, kind: EventKind) -> tuple[Event, ...]:
        return tuple(row for row in self.store.events(0, 200) if row.kind is kind)


@pytest.fixture
def gate() -> Iterator[Gate]:
    with quick_folder() as folder, ThreadPoolExecutor(1) as later:
        store = Store.open(folder / "s", Clock().now(), ballast=0)
        gate = Gate(store, later)
        with at_work(gate.keeper):
            yield gate
        gate.stall.end()
        store.close()


@contextmanager
def at_work(keeper: LaneKeeper) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=keeper.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_the_first_press_on_a_stalling_disk_opens_and_so_does_the_next(gate: Gate) -> None:
    gate.stall.begin()
    gate.press()
    wait_until(lambda: gate.said, 60, "an answer while the disk stalls")
    assert gate.stall.reached.is_set()
    assert gate.said == [("opened", "guard", 0)]
    gate.press()
    wait_until(lambda: len(gate.said) == 2, 60, "the second answer")
    assert gate.said[1] == ("opened", "guard", 0)
    assert gate.keeper.unrecorded == 2
    gate.stall.end()
    wait_until(lambda: gate.keeper.unrecorded == 0, 60, "both on record")
    assert len(gate.relay.sent) == 2, "what the disk took after all moved nothing more"
    assert len({command.cmd_id for command in gate.relay.sent}) == 2
    assert len(gate.rows(EventKind.LATE)) == 2
    (given_up,) = gate.rows(EventKind.DECISION)
    wait_until(
        lambda: gate.store.event(given_up.seq).outcome == "unknown",  # type: ignore[union-attr]
        60,
        "the end of the one that was given up",
    )
    gate.press()
    wait_until(lambda: len(gate.said) == 3, 60, "an opening on a disk that is well again")
    assert gate.said[2][:2] == ("opened", "guard")
    assert gate.said[2][2] > 0


def test_a_stranger_before_a_stalling_disk_opens_nothing_and_holds_up_no_guard(gate: Gate) -> None:
    gate.stall.begin()
    at = Sighting(1, Direction.EXIT, time.monotonic(), "cam")
    gate.keeper.inbox.put(Seen(FaceSeen(at, None, FaceFault.UNKNOWN, 0.1, 0, 1)))
    wait_until(gate.stall.reached.is_set, 60, "a disk that stalls")
    gate.press()
    wait_until(lambda: gate.said, 60, "an answer to the guard")
    assert gate.said == [("opened", "guard", 0)]
    assert len(gate.relay.sent) == 1, "the stranger's way out waited for the disk and is over"
    gate.stall.end()
    wait_until(lambda: gate.keeper.unrecorded == 0, 60, "the guard's opening on record")
    assert len(gate.relay.sent) == 1


def test_an_order_on_a_stalling_disk_stands_at_once(gate: Gate) -> None:
    gate.stall.begin()
    told: list[tuple[str, str, bool]] = []
    order = Order(1, Standing.LOCK_DOWN, "wang", "有人翻越", START)
    gate.keeper.inbox.put(Stand(order, "wang", time.monotonic(), lambda *words: told.append(words)))
    wait_until(lambda: told, 60, "an answer while the disk stalls")
    assert told == [("ordered", "guard", False)]
    assert gate.store.standing(1) is None
    gate.stall.end()
    wait_until(lambda: gate.store.standing(1) == order, 60, "the order on record")
    assert len(gate.rows(EventKind.ADMIN)) == 1, "once"
