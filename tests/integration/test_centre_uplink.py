"""Every event arrives at the centre exactly once, whatever lies between."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from edge.sync.centre import Centre
from edge.sync.client import Ends, Uplink
from edge.sync.plan import BATCH, Course, Refused
from edge.sync.road import Address, Road
from edge.sync.wire import Receipt
from models.moment import Moment
from tests.fakes.centre_admission import Held
from tests.fakes.centre_edges import admit, token_of
from tests.fakes.centre_events import EDGE, JOURNAL, Row, chain
from tests.fakes.centre_faults import CutAnswer, DropAnswer, Fault, Faults, Say, before
from tests.fakes.centre_outbox import MemoryOutbox
from tests.fakes.centre_server import running

ROOT = Path(__file__).parents[2]
NOW = Moment(datetime(2026, 11, 21, 9, tzinfo=UTC), 100.0)


class StillClock:
    def now(self) -> Moment:
        return NOW


class Hasty(threading.Event):
    """Waits for nothing, and notes for how long it should have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return self.is_set()


class Story:
    """An edge, a proxy with faults and a real centre on SQLite."""

    def __init__(self, faults: Faults, centre_url: str, rows: list[Row]) -> None:
        self.faults = faults
        self.centre_url = centre_url
        self.outbox = MemoryOutbox(rows)
        self.stop = Hasty()
        self.centre = Centre(Road(Address(faults.url, EDGE), lambda: 0.0), Held(token_of(EDGE)))
        self.uplink = Uplink(Ends(self.outbox, self.centre, StillClock()), self.stop, lambda: 0.5)
        self.course = Course()

    def turns(self, count: int) -> None:
        for _ in range(count):
            self.course = self.uplink.turn(self.course)

    def until_empty(self, limit: int = 300) -> None:
        """Turn until nothing waits; fails where that does not come to pass."""
        for _ in range(limit):
            if self.outbox.empty.is_set():
                return
            self.turns(1)
        pytest.fail(f"{len(self.outbox.waiting)} events still wait after {limit} turns")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    admit(f"sqlite:///{tmp_path}/centre.db", EDGE)
    with running(f"sqlite:///{tmp_path}/centre.db") as url, before(url) as faults:
        one = Story(faults, url, chain(450))
        with one.centre:
            yield one


def at_centre(url: str, edge: str = EDGE) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    with httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {token_of(edge)}"}, trust_env=False
    ) as http:
        while True:
            page: dict[str, Any] = http.get(
                "/v1/events", params={"edge": edge, "after": len(found), "limit": 1000}
            ).json()
            if not page["events"]:
                return found
            found += [(row["journal"], row["seq"]) for row in page["events"]]


def every(rows: int) -> list[tuple[str, int]]:
    return [(JOURNAL, seq) for seq in range(1, rows + 1)]


OUTAGES: dict[str, list[Fault]] = {
    "nothing": [],
    "lost answers": [DropAnswer(), DropAnswer()],
    "cut answers": [CutAnswer(), CutAnswer(), CutAnswer()],
    "500 and 503": [Say(500), Say(503, b"x", {"Retry-After": "7"}), Say(502, b"<html>")],
    "429": [Say(429, headers={"Retry-After": "120"})],
    "garbage": [Say(200, b"<html>log in to the Wi-Fi</html>"), Say(200, b"\x00\xff"), Say(204)],
    "200 without a commit": [Say(200, b'{"safe": [], "quarantined": []}')] * 3,
    "200 for others": [Say(200, json.dumps({"safe": [["b" * 32, 1]], "quarantined": []}).encode())],
    "a redirect": [Say(302, headers={"Location": "http://127.0.0.1:9/elsewhere"})],
    "the claim refused": [Say(401), Say(403)],
    "404": [Say(404)],
    "all of them": [DropAnswer(), Say(500), CutAnswer(), Say(200, b"x"), DropAnswer(), Say(429)],
}


@pytest.mark.parametrize("name", OUTAGES)
def test_every_event_arrives_once_through(story: Story, name: str) -> None:
    story.faults.next.extend(OUTAGES[name])
    story.until_empty()
    assert at_centre(story.centre_url) == every(450)
    assert sorted(story.outbox.acknowledged) == every(450)
    assert story.outbox.aside == {}
    assert story.uplink.state.connected
    assert story.uplink.state.complaint is None
    assert story.uplink.state.last_proof == NOW.utc
    assert story.uplink.state.waiting == 0


def test_nothing_is_let_go_while_answers_are_lost(story: Story) -> None:
    story.faults.refuse = lambda _body: DropAnswer()
    story.turns(12)
    assert story.outbox.acknowledged == []
    assert at_centre(story.centre_url) == every(BATCH)
    assert not story.uplink.state.connected
    assert story.uplink.state.waiting == 450


def test_the_centre_is_asked_no_sooner_than_it_wished(story: Story) -> None:
    story.faults.next.extend([Say(429, headers={"Retry-After": "120"}), Say(503)])
    story.until_empty()
    assert story.stop.waits[0] >= 120
    assert 0.5 <= story.stop.waits[1] <= 2


@pytest.mark.parametrize(
    "value", ["", "-5", "soon", "9" * 40, "1e9", "Fri, 21 Nov 2036 08:00:00 GMT"]
)
def test_a_retry_after_of_nonsense_is_a_plain_failure(story: Story, value: str) -> None:
    story.faults.next.append(Say(503, headers={"Retry-After": value}))
    story.turns(3)
    assert story.stop.waits
    assert max(story.stop.waits) <= 1


def holds(seq: int) -> bytes:
    return f'"seq":{seq},"row_hash"'.encode()


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_poison_row_is_put_aside_and_the_others_arrive(story: Story, status: int) -> None:
    story.faults.refuse = lambda body: Say(status, b"no") if holds(77) in body else None
    story.until_empty()
    assert list(story.outbox.aside) == [(JOURNAL, 77)]
    assert f"answered {status}: no" in story.outbox.aside[JOURNAL, 77]
    assert sorted(at_centre(story.centre_url)) == [key for key in every(450) if key[1] != 77]
    assert (JOURNAL, 77) not in story.outbox.acknowledged


def test_a_centre_that_refuses_everything_costs_no_event(story: Story) -> None:
    story.faults.refuse = lambda _body: Say(400, b"plain HTTP sent to a TLS port")
    story.turns(60)
    assert story.outbox.aside == {}
    assert story.outbox.acknowledged == []
    assert not story.uplink.state.connected
    story.faults.refuse = lambda _body: None
    story.until_empty()
    assert sorted(at_centre(story.centre_url)) == every(450)


def test_a_row_that_the_centre_calls_poison_is_put_aside(story: Story) -> None:
    (row,) = chain(1, first=500)
    story.outbox.put(Row(row.journal, row.seq, row.row_hash, row.at, row.kind, 64, row.body))
    story.outbox.put(Row("not a journal", 1, row.row_hash, row.at, row.kind, 1, row.body))
    story.outbox.put(Row(row.journal, 501, row.row_hash, row.at, row.kind, 1, b"{no json"))
    story.until_empty()
    assert set(story.outbox.aside) == {(JOURNAL, 500), ("not a journal", 1), (JOURNAL, 501)}
    assert sorted(at_centre(story.centre_url)) == every(450)


def test_a_fork_is_put_aside_and_stays_here(story: Story) -> None:
    story.until_empty()
    (fork,) = chain(1, first=9, salt="restored")
    story.outbox.put(fork, *chain(1, first=451))
    story.until_empty()
    assert story.outbox.aside == {(JOURNAL, 9): "fork"}
    assert story.outbox.acknowledged.count((JOURNAL, 9)) == 1
    assert at_centre(story.centre_url) == every(451)


def test_a_store_that_fails_is_waited_out(story: Story) -> None:
    story.outbox.broken = True
    story.turns(4)
    assert story.uplink.state.complaint == "the disk is full"
    story.outbox.broken = False
    story.until_empty()
    assert at_centre(story.centre_url) == every(450)


def test_an_outage_is_complained_of_once(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="edge.sync.client"):
        story.faults.next.extend([Say(500), Say(503), Say(200, b"x"), Say(401), DropAnswer()])
        story.until_empty()
        story.faults.next.append(Say(500))
        story.outbox.put(*chain(1, first=451))
        story.until_empty()
    said = [record.getMessage().split()[0] for record in caplog.records]
    assert said == ["no", "the"] * 2
    assert "the centre answers" in caplog.text
    assert token_of(EDGE) not in caplog.text


def test_a_refused_claim_says_what_to_do(story: Story) -> None:
    story.faults.refuse = lambda _body: Say(401)
    story.turns(2)
    assert "kuahu centre claim" in (story.uplink.state.complaint or "")


def test_letting_go_on_a_4xx_would_lose_events(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant that peers have: a refused batch is taken for delivered, and events are gone."""
    honest = Centre.hand_in

    def deletes_on_4xx(centre: Centre, rows: list[Row]) -> object:
        answer = honest(centre, rows)
        if isinstance(answer, Refused) and 400 <= answer.status < 500:
            return Receipt(frozenset((row.journal, row.seq) for row in rows), {})
        return answer

    monkeypatch.setattr(Centre, "hand_in", deletes_on_4xx)
    story.faults.next.append(Say(400))
    story.until_empty()
    assert at_centre(story.centre_url) != every(450)
    assert story.outbox.aside == {}


@contextmanager
def real_centre(database: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Yield a centre as its own process once it answers; it is killed without warning."""
    process = subprocess.Popen(
        [sys.executable, "-m", "central", "127.0.0.1", str(port)],
        cwd=ROOT,
        env=os.environ | {"KUAHU_CENTRE_DATABASE": f"sqlite:///{database}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert "centre ready at" in process.stdout.readline()
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def test_events_arrive_once_through_a_centre_that_is_killed_in_the_middle(tmp_path: Path) -> None:
    port, database = free_port(), tmp_path / "centre.db"
    admit(f"sqlite:///{database}", EDGE)
    outbox, stop = MemoryOutbox(chain(500)), threading.Event()
    centre = Centre(
        Road(Address(f"http://127.0.0.1:{port}", EDGE), lambda: 0.0), Held(token_of(EDGE))
    )
    uplink = Uplink(Ends(outbox, centre, StillClock()), stop, lambda: 0.0)
    thread = threading.Thread(target=uplink.run, name="uplink")
    thread.start()
    try:
        for turn in range(3):
            with real_centre(database, port):
                assert outbox.empty.wait(60)
            # Away: these wait, and are not lost.
            outbox.put(*chain(250, first=501 + 250 * turn))
        with real_centre(database, port):
            assert outbox.empty.wait(60)
            assert at_centre(f"http://127.0.0.1:{port}") == every(1250)
    finally:
        stop.set()
        thread.join()
    assert sorted(outbox.acknowledged) == every(1250)


def test_a_stopped_uplink_ends_its_thread_and_its_connection() -> None:
    stop = threading.Event()
    centre = Centre(Road(Address("http://127.0.0.1:9", EDGE), lambda: 0.0), Held(token_of(EDGE)))
    outbox = MemoryOutbox(chain(3))
    thread = threading.Thread(
        target=Uplink(Ends(outbox, centre, StillClock()), stop).run, name="uplink"
    )
    thread.start()
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    assert len(outbox.waiting) == 3
