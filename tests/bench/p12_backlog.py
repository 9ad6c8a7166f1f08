"""P12: twenty edges hand in a thousand events each while another edge's events go on arriving.

The centre is a process of its own on PostgreSQL, the twenty a second one, and this one is the live
edge: one event every twentieth of a second, timed from its sending to its receipt. The first row
is the drain's time against a minute; the second the live edge's p95 during the drain against its
p95 just before.
"""

import itertools
import json
import os
import secrets
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edge.demo.equipment import free_port
from edge.sync.centre import Centre
from edge.sync.road import Address, Road
from edge.sync.wire import Receipt
from tests.bench._blocks import BLOCKS, show
from tests.bench._row import About, Goal, Row
from tests.fakes import postgres
from tests.fakes.centre_admission import Held
from tests.fakes.centre_edges import admit, token_of
from tests.fakes.centre_events import chain

EDGES = 20
EVENTS = 1000
QUIET = 3.0
"""Seconds of live events before each drain."""
PAUSE = 0.05
MINUTE = 60.0
LIVE = "11" * 16
DRAINED = Goal("<=", 1.0)
UNDISTURBED = Goal("<=", 2.0)
ROOT = Path(__file__).parents[2]
Drain = Callable[[str, list[str], threading.Event], float]


@dataclass(frozen=True, slots=True)
class Taken:
    """One block: seconds of the drain, p95 of live events (ms), and how many those were."""

    drain: float
    quiet: float
    busy: float
    count: int


def main() -> None:
    """Print both rows."""
    taken: list[Taken] = []
    with (
        postgres.server() as server,
        postgres.database(server) as database,
        centre(database) as url,
        herd() as ask,
        Centre(Road(Address(url, LIVE), time.monotonic), Held(token_of(LIVE))) as far,
    ):
        admit(database, LIVE)
        numbers = itertools.count(1)
        for block in range(BLOCKS + 1):
            edges = [secrets.token_hex(16) for _ in range(EDGES)]
            admit(database, *edges)
            one = measure(far, numbers, partial(ask, url, edges))
            sys.stderr.write(
                f"  block {block}/{BLOCKS}: drained in {one.drain:.2f} s; live p95 "
                f"{one.quiet:.1f} ms quiet, {one.busy:.1f} ms of {one.count} busy\n"
            )
            taken.append(one)
    show_all(taken[1:])


def show_all(taken: list[Taken]) -> None:
    """Print the two rows."""
    drains = tuple(one.drain for one in taken)
    count = sum(one.count for one in taken)
    events = len(drains) * EDGES * EVENTS
    unit = f"drain of {EDGES} x {EVENTS:,} events / a minute"
    show(
        Row(
            About("P12", "one minute", unit, "s", events),
            DRAINED,
            drains,
            (MINUTE,) * len(drains),
        ),
        Row(
            About("P12_live", "the same edge just before", "p95 of a live event", "ms", count),
            UNDISTURBED,
            tuple(one.busy for one in taken),
            tuple(one.quiet for one in taken),
        ),
    )


def measure(
    far: Centre, numbers: Iterator[int], drain: Callable[[threading.Event], float]
) -> Taken:
    """Return the figures of one drain; the live edge is quiet before it and busy meanwhile."""
    end = time.monotonic() + QUIET
    quiet = live(far, numbers, lambda: time.monotonic() < end)
    done = threading.Event()
    seconds: list[float] = []
    work = threading.Thread(target=lambda: seconds.append(drain(done)), daemon=True)
    work.start()
    busy = live(far, numbers, lambda: not done.is_set())
    work.join()
    return Taken(seconds[0], p95(quiet), p95(busy), len(busy))


def live(far: Centre, numbers: Iterator[int], going: Callable[[], bool]) -> list[float]:
    """Return the milliseconds of one live event after another for as long as `going()`."""
    taken = []
    while going():
        (row,) = chain(1, first=next(numbers), journal=LIVE)
        start = time.perf_counter()
        answer = far.hand_in([row])
        taken.append((time.perf_counter() - start) * 1000)
        assert isinstance(answer, Receipt)
        assert len(answer.safe) == 1
        time.sleep(PAUSE)
    return taken


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


@contextmanager
def centre(database: str) -> Iterator[str]:
    """Yield the URL of a centre of its own process on that database."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "central", "127.0.0.1", str(port)],
        cwd=ROOT,
        env=os.environ | {"KUAHU_CENTRE_DATABASE": database},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert "ready" in process.stdout.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@contextmanager
def herd() -> Iterator[Drain]:
    """Yield what lets the twenty drain; it returns the seconds and sets its event at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench._herd"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

        def ask(url: str, edges: list[str], done: threading.Event) -> float:
            assert process.stdin is not None
            assert process.stdout is not None
            words = {"url": url, "edges": edges, "events": EVENTS}
            process.stdin.write(json.dumps(words) + "\n")
            process.stdin.flush()
            try:
                return float(process.stdout.readline())
            finally:
                done.set()

        try:
            yield ask
        finally:
            process.stdin.close()


if __name__ == "__main__":
    main()
