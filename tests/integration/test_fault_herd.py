"""Many come back at once: relays to their broker, edges to their centre; a centre that hangs."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from edge.sync.centre import Centre
from edge.sync.client import Ends, Uplink
from edge.sync.road import Address, Road
from models.moment import Moment
from tests.fakes.centre_admission import Held
from tests.fakes.centre_edges import admit, token_of
from tests.fakes.centre_events import START, chain
from tests.fakes.centre_outbox import MemoryOutbox
from tests.fakes.mosquitto import free_port, needs_mosquitto
from tests.fakes.oracle import judge
from tests.fakes.running_site import wait_until
from tests.nemesis.evidence import held_by, history_of, waiting_in
from tests.nemesis.load import Told, guards, press_once
from tests.nemesis.site import ROOT, nemesis_site, say

GATES = 16


@needs_mosquitto
@pytest.mark.fault("F30", "F9")
def test_sixteen_gates_that_come_back_at_once_all_open_again(tmp_path: Path) -> None:
    with nemesis_site(tmp_path, GATES) as site:
        with site.core() as core, guards(site, pause=0.1) as at_work:
            for _ in range(2):
                before = at_work.told
                wait_until(
                    lambda before=before: all_opened(at_work.told[len(before) :]), 120, "16 lanes"
                )
                site.broker.stop()
                wait_until(
                    lambda: not any(g.state.connected for g in site.gates.values()), 60, "an outage"
                )
                site.broker.start()
            before = at_work.told
            wait_until(lambda: all_opened(at_work.told[len(before) :]), 120, "16 lanes again")
            assert core.poll() is None
        assert judge(history_of(site, at_work.told)) == ()


def all_opened(told: tuple[Told, ...]) -> bool:
    return len({one.lane for one in told if one.answer == "opened"}) == GATES


@contextmanager
def centre_process(database: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Yield a centre of its own process, once it answers."""
    words = {"KUAHU_CENTRE_DATABASE": f"sqlite:///{database}"}
    with subprocess.Popen(
        [sys.executable, "-m", "central", "127.0.0.1", str(port)],
        cwd=ROOT,
        env=os.environ | words,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert "centre ready at" in process.stdout.readline()
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


class Still:
    def now(self) -> Moment:
        return Moment(START, 0.0)


class Quick(threading.Event):
    """Waits a hundredth of what it is told, and keeps the figures."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return super().wait((timeout or 0.0) / 100)


def herd(root: Path, seed: int, edges: int, events: int) -> None:
    """Let edges that all failed together come back to one centre at the same moment."""
    say(f"seed {seed}, {edges} edges with {events} events each")
    rng, port = random.Random(seed), free_port()
    names = [f"{number:032x}" for number in range(1, edges + 1)]
    admit(f"sqlite:///{root}/centre.db", *names)
    outboxes = [MemoryOutbox(chain(events, journal=name)) for name in names]
    stops = [Quick() for _ in names]
    with ExitStack() as up:
        threads = []
        for name, outbox, stop in zip(names, outboxes, stops, strict=True):
            road = Road(Address(f"http://127.0.0.1:{port}", name), lambda: 0.0)
            far = up.enter_context(Centre(road, Held(token_of(name))))
            uplink = Uplink(Ends(outbox, far, Still()), stop, rng.random)
            threads.append(threading.Thread(target=uplink.run))
        for thread in threads:
            thread.start()
        try:
            wait_until(lambda: all(len(stop.waits) >= 4 for stop in stops), 60, "four failures")
            fourth = [stop.waits[3] for stop in stops]
            with centre_process(root / "centre.db", port):
                wait_until(lambda: all(box.empty.is_set() for box in outboxes), 240, "empty boxes")
                for name, outbox in zip(names, outboxes, strict=True):
                    keys = [key for key, _ in held_by(f"http://127.0.0.1:{port}", name)]
                    assert sorted(keys) == [(name, seq) for seq in range(1, events + 1)]
                    assert sorted(outbox.acknowledged) == sorted(keys)
        finally:
            for stop in stops:
                stop.set()
            for thread in threads:
                thread.join()
    assert len(set(fourth)) == edges, "a street of edges comes back as one"
    assert max(fourth) > 1.3 * min(fourth), "hardly spread"


@pytest.mark.fault("F30")
def test_edges_that_come_back_at_once_are_spread_and_each_event_arrives_once(
    tmp_path: Path,
) -> None:
    herd(tmp_path, 30, 12, 100)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.fault("F30")
def test_a_hundred_edges_come_back_at_once(tmp_path: Path) -> None:
    herd(tmp_path, 31, 100, 1000)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.fault("F13")
def test_a_week_without_a_centre_drains(tmp_path: Path) -> None:
    week, port, name = 14_000, free_port(), "7" * 32
    admit(f"sqlite:///{tmp_path}/centre.db", name)
    outbox, stop = MemoryOutbox(chain(week, journal=name)), threading.Event()
    far = Centre(Road(Address(f"http://127.0.0.1:{port}", name), lambda: 0.0), Held(token_of(name)))
    thread = threading.Thread(target=Uplink(Ends(outbox, far, Still()), stop, lambda: 0.0).run)
    thread.start()
    try:
        with centre_process(tmp_path / "centre.db", port):
            wait_until(outbox.empty.is_set, 600, "an empty outbox")
            assert len(held_by(f"http://127.0.0.1:{port}", name)) == week
    finally:
        stop.set()
        thread.join()


@needs_mosquitto
@pytest.mark.fault("F13", "F14")
def test_a_centre_that_hangs_holds_up_no_door_and_gets_everything_later(tmp_path: Path) -> None:
    port, database = free_port(), tmp_path / "centre.db"
    url = f"http://127.0.0.1:{port}"
    with (
        centre_process(database, port) as far,
        nemesis_site(tmp_path, 1, centre=(url, f"sqlite:///{database}")) as site,
    ):
        with site.core():
            wait_until(lambda: press_once(site).answer == "opened", 60, "a first opening")
            wait_until(lambda: stored(database) > 0, 60, "a first event at the centre")
            far.send_signal(signal.SIGSTOP)
            told = [press_once(site) for _ in range(20)]
            assert [one.answer for one in told].count("opened") >= 15
            assert waiting_in(site.places.root) >= 30
            far.send_signal(signal.SIGCONT)
            wait_until(lambda: waiting_in(site.places.root) == 0, 120, "an empty outbox")
        assert judge(history_of(site, told, url)) == ()


def stored(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as raw:
        return int(raw.execute("SELECT count(*) FROM received").fetchone()[0])
