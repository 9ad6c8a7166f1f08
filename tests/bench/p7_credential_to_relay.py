"""P7: from a credential at the lane to the relay's movement, against one wait for the disk + 5 ms.

A real lane with the real store and the bridge, a real mosquitto as shipped, and the simulated gate
in a process of its own, whose ledger says when the arm was told to move. A pass and a resident's
face by turns; every opening is recorded before and after. The peer's wait is that of a bare 4 KB
append + fdatasync on the same disk in the same block.
"""

import queue
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from edge.demo import equipment
from edge.inbox import Seen
from edge.lane import LaneKeeper
from edge.ports import Heard, World
from gate.barrier import Fitting
from models.lane import Drive
from models.observation import Observation
from models.registry import Resident
from mqtt_bridge import access
from mqtt_bridge.bridge import Bridge
from mqtt_bridge.ledger import read_ledger
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.track import RelaySpec
from tests.bench._blocks import BLOCKS, RawLog, disk_folder, interleave, show, timed
from tests.bench._row import About, Goal, Row, percentile
from tests.bench._site import RELAY, Site, site_on_disk
from tests.fakes.mosquitto import mosquitto_broker

OPENINGS = 24
REST = 0.05
"""Seconds between two people."""
ALLOWED = 5.0
"""Milliseconds that everything but the disk may take."""
WAITS = 100


def main() -> None:
    """Print P7 for the median, and the 99th percentile without a goal."""
    late: list[float] = []
    waits: list[float] = []
    with ExitStack() as stack:
        folder = stack.enter_context(disk_folder())
        site = stack.enter_context(site_on_disk(folder))
        gate = stack.enter_context(gate_of(site, folder))
        raw, resident = RawLog(folder), site.resident()
        gate.passage(site.shown(site.token()))

        def openings() -> float:
            taken = [gate.passage(person(site, resident, number)) for number in range(OPENINGS)]
            late.append(percentile(taken, 0.99))
            return statistics.median(taken)

        def disk() -> float:
            taken = [timed(raw.write) for _ in range(WAITS)]
            waits.append(percentile(taken, 0.99))
            return statistics.median(taken) + ALLOWED

        figures = interleave({"ours": openings, "allowed": disk}, BLOCKS)
        raw.close()
    allowed = "fdatasync of a 4 KB append, p50, + 5 ms"
    unit, n = "credential to relay, p50 / allowed", BLOCKS * OPENINGS
    row = Row(
        About("P7", allowed, unit, "ms", n),
        Goal("<=", 1.0),
        tuple(figures["ours"]),
        tuple(figures["allowed"]),
    )
    slowest = Row(
        About("P7_p99", "2 x fdatasync p99 + 15 ms", unit.replace("p50", "p99"), "ms", n),
        Goal("<=", None),
        tuple(late),
        tuple(2 * value + 3 * ALLOWED for value in waits),
    )
    show(row, slowest)


def person(site: Site, resident: Resident, number: int) -> Callable[[], Observation]:
    """Return how the next one shows who they are: a pass or a face by turns."""
    if number % 2:
        return lambda: site.face(resident)
    token = site.token()
    return lambda: site.shown(token)


class Gate:
    """One lane that is kept by a thread, and the ledger of its relay."""

    def __init__(self, keeper: LaneKeeper, ledger: Path) -> None:
        self._keeper, self._ledger = keeper, ledger

    def passage(self, show_it: Observation | Callable[[], Observation]) -> float:
        """Return the milliseconds from the credential to the relay's movement."""
        answers: queue.SimpleQueue[tuple[str, str, int]] = queue.SimpleQueue()
        time.sleep(REST)
        seen = show_it() if callable(show_it) else show_it
        before = time.monotonic()
        self._keeper.inbox.put(Seen(seen, answer=lambda *said: answers.put(said)))
        answer, reason, _ = answers.get(timeout=20)
        if answer != "opened":
            message = f"the gate answers {answer}, {reason}"
            raise RuntimeError(message)
        return (read_ledger(self._ledger)[-1].t - before) * 1000


@contextmanager
def gate_of(site: Site, folder: Path) -> Iterator[Gate]:
    """Run broker, simulated gate, bridge and lane."""
    key = RelayKey(bytes(range(32)))
    spec = RelaySpec(RELAY, 1, Drive.PULSE, key=key)
    ledger, keepers = folder / "ledger.jsonl", []

    def hear(heard: Heard) -> None:
        for keeper in keepers:
            keeper.inbox.put(heard)

    with mosquitto_broker(folder, (spec,)) as broker:
        wiring = Wiring(RELAY, 1, Drive.PULSE, key)
        address = broker.address(access.relay_login(RELAY))
        relay = equipment.gate(wiring, address, folder / "gate.sock", ledger)
        bridge = Bridge(broker.address(), (spec,), hear, time.monotonic)
        world = World(
            site.clock,
            site.gather,
            site.store,
            bridge,
            lambda *_: None,
            # Core reads each new row to show it; what that costs a door is part of the figure.
            lambda seq: (site.store.event(seq), None)[1],
        )
        keeper = LaneKeeper(site.lanes[1], RELAY, Fitting(Drive.PULSE, frozenset(), 0.5), world)
        keepers.append(keeper)
        stop = threading.Event()
        lane = threading.Thread(target=keeper.run, args=(stop,))
        relay.begin()
        bridge.start()
        lane.start()
        try:
            relay.wait_ready(stop)
            while bridge.last_seq(RELAY) is None:
                time.sleep(0.05)
            yield Gate(keeper, ledger)
        finally:
            stop.set()
            lane.join()
            bridge.stop()
            relay.pull()
