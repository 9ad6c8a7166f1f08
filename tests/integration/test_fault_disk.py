"""The disk under a running core fails, fills up, or gives back rubbish; core goes on by itself."""

import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from edge import wire
from edge.channel import Client, connect
from edge.commands.site import open_site
from edge.line import Line
from edge.places import Places
from edge.store.verify import verify
from models.event import Event, EventKind
from models.registry import ResidentKind
from tests.fakes.mosquitto import free_port, needs_mosquitto
from tests.fakes.oracle import judge
from tests.fakes.running_site import wait_until
from tests.nemesis.evidence import history_of
from tests.nemesis.load import Told, press_once
from tests.nemesis.site import Site, nemesis_site
from tests.nemesis.tracing import injecting, needs_strace

PAGE = 4096


def rows_of(places: Places) -> tuple[Event, ...]:
    client = Client(connect(places.core_socket, "cli"), lambda _message: None)
    try:
        return client.ask(wire.Rows(client.ref(), 0, 200, newest=True), wire.RowsAre).rows
    finally:
        client.close()


def late_rows(site: Site) -> int:
    with closing(
        sqlite3.connect(f"file:{site.places.root / 'register.db'}?mode=ro", uri=True)
    ) as raw:
        (count,) = raw.execute("SELECT count(*) FROM event WHERE kind = 'late'").fetchone()
    return int(count)


def pressed(site: Site, told: list[Told]) -> Told:
    told.append(press_once(site))
    return told[-1]


def press_until(site: Site, told: list[Told], *, recorded: bool) -> None:
    """Press until an opening was (or was not) recorded; the guard's button always opens."""

    def as_wished() -> bool:
        said = pressed(site, told)
        assert said.answer == "opened"
        return bool(said.seq) is recorded

    wait_until(as_wished, 60, "a recorded opening" if recorded else "an opening without a record")


@needs_mosquitto
@needs_strace
@pytest.mark.fault("F4")
def test_core_outlives_a_disk_that_fails_for_a_while(tmp_path: Path) -> None:
    told: list[Told] = []
    with nemesis_site(tmp_path, 1) as site:
        with site.core():
            wait_until(lambda: press_once(site).answer == "opened", 60, "a first opening")
        under = injecting("fdatasync", "error=EIO:when=25..29")
        with site.core(under=under) as core:
            wait_until(lambda: pressed(site, told).answer == "opened", 60, "an opening")
            if all(one.seq for one in told):
                press_until(site, told, recorded=False)
            press_until(site, told, recorded=True)
            owed = sum(not one.seq for one in told)
            wait_until(lambda: late_rows(site) == owed, 60, "the late rows")
            assert core.poll() is None
        history = history_of(site, told)
    assert judge(history) == ()


@needs_mosquitto
@needs_strace
@pytest.mark.fault("F28")
def test_a_disk_that_takes_its_time_delays_and_doubles_nothing(tmp_path: Path) -> None:
    with nemesis_site(tmp_path, 1) as site:
        with site.core():
            wait_until(lambda: press_once(site).answer == "opened", 60, "a first opening")
        slow = injecting("fdatasync", "delay_enter=200000")
        with site.core(under=slow) as core:
            wait_until(lambda: press_once(site).answer == "opened", 60, "an opening")
            told = [press_once(site) for _ in range(3)]
            assert core.poll() is None
        assert {one.answer for one in told} == {"opened"}
        assert all(one.seq for one in told)
        assert judge(history_of(site, told)) == ()


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None:
        pytest.skip("mount is not installed: apt install mount")
    command = [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here (not root, or no mount namespace)")
    try:
        yield
    finally:
        subprocess.run([shutil.which("umount") or "umount", str(place)], check=True)


def fill_up(filler: Path) -> None:
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * PAGE):
            pass


@needs_mosquitto
@pytest.mark.fault("F5")
def test_core_outlives_a_full_disk_without_a_restart(tmp_path: Path) -> None:
    told: list[Told] = []
    with small_disk(tmp_path / "s", "16m"), nemesis_site(tmp_path, 1) as site:
        filler = site.places.root / "filler"
        with site.core() as core:
            wait_until(lambda: press_once(site).answer == "opened", 60, "a first opening")

            def pressed_without_record() -> bool:
                fill_up(filler)
                told.append(press_once(site))
                assert told[-1].answer == "opened"
                return not told[-1].seq

            wait_until(pressed_without_record, 60, "a disk that takes nothing")
            filler.unlink()
            press_until(site, told, recorded=True)
            owed = sum(not one.seq for one in told)
            wait_until(lambda: late_rows(site) == owed, 60, "the late rows")
            assert core.poll() is None
        assert judge(history_of(site, told)) == ()


SITE = """
[site]
compound = "00112233"
state = "s"
[broker]
embedded = true
port = {port}
[web]
port = 0
[[relay]]
name = "gate-1"
[[lane]]
number = 1
name = "1号门"
relay = "gate-1"
"""


@contextmanager
def kuahu_run(file: Path) -> Iterator[str]:
    """Run the real thing and yield the address of its page; it is told to stop at the end."""
    command = [sys.executable, "-c", "from edge.cli import main; main()"]
    heard = file.parent / "run.log"
    with (
        heard.open("wb") as log,
        subprocess.Popen([*command, "run", "--config", str(file)], stderr=log) as process,
    ):
        try:
            wait_until(
                lambda: b"guard page" in heard.read_bytes() or process.poll() is not None,
                90,
                "a page",
            )
            said = heard.read_text("utf-8")
            assert process.poll() is None, said
            (line,) = [one for one in said.splitlines() if one.startswith("guard page")]
            yield line.split()[-1]
        finally:
            process.terminate()
            process.wait(60)


def spoil(file: Path, rng: random.Random) -> None:
    """Write rubbish over a third of a file's pages, the first one left alone."""
    pages = file.stat().st_size // PAGE
    with file.open("rb+") as raw:
        for page in rng.sample(range(1, pages), pages // 3):
            raw.seek(page * PAGE)
            raw.write(rng.randbytes(PAGE))


def journal_of(places: Places) -> str:
    with closing(sqlite3.connect(places.root / "register.db")) as raw:
        (row,) = raw.execute("SELECT value FROM state WHERE name = 'journal'").fetchall()
    return str(row[0])


def ask(places: Places, request: wire.AnyMessage) -> wire.Answered:
    client = Client(connect(places.core_socket, "cli"), lambda _message: None)
    try:
        return client.ask(request, wire.Answered, 30)
    finally:
        client.close()


@pytest.mark.fault("F7")
def test_a_spoilt_register_is_replaced_at_start_and_strangers_stay_outside(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(SITE.format(port=free_port()), "utf-8")
    site = open_site(file)
    site.places.relay_key("gate-1").parent.mkdir(parents=True)
    site.places.relay_key("gate-1").write_text(f"{7:064x}")
    with Line(site.settings) as line:
        who = wire.AddResident(
            0, "李雷", "3-1-502", ResidentKind.OWNER, None, (), None, "wang", None
        )
        kept = line.ask(who, wire.Done).text
    copies = site.places.root / "backup"
    with kuahu_run(file):
        wait_until(lambda: list(copies.glob("**/*register*")), 60, "the first backup")
    before = journal_of(site.places)
    spoil(site.places.root / "register.db", random.Random(7))
    with kuahu_run(file) as page:
        assert httpx.get(f"{page}healthz", trust_env=False).status_code == httpx.codes.OK
        rows = rows_of(site.places)
        assert [row.reason for row in rows if row.kind is EventKind.FAULT] == ["store_restored"]
        stranger = wire.Check(0, 1, "entry", "KH1:NOT-A-PASS-OF-OURS", "wang")
        assert ask(site.places, stranger).answer == "refused"
    assert journal_of(site.places) != before
    (evidence,) = (site.places.root / "damaged").iterdir()
    assert (evidence / "register.db").exists()
    with Line(site.settings) as line:
        there = line.ask(wire.Residents(0), wire.ResidentsAre).rows
    assert [one.id for one in there] == [kept.split()[0]]
    assert verify(site.places.root).broken == 0
