"""The current goes at any moment of a real run: all that was said is there when it comes back."""

import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.store.store import Store
from edge.store.verify import verify
from models.event import EventKind
from tests.fakes import store_words as say
from tests.fakes.mosquitto import needs_mosquitto
from tests.fakes.oracle import History, Key, Rule, judge
from tests.fakes.running_site import wait_until
from tests.fakes.store_site import quick_folder
from tests.nemesis.evidence import rows_of
from tests.nemesis.load import guards, press_once
from tests.nemesis.power import Call, Disk, calls_of, promises_of
from tests.nemesis.site import nemesis_site
from tests.nemesis.site import say as tell
from tests.nemesis.tracing import needs_strace, recording

pytestmark = [needs_mosquitto, needs_strace]


@dataclass(frozen=True)
class Run:
    """A recorded run: the folder before it and after it, and every step between."""

    before: Path
    after: Path
    calls: tuple[Call, ...]


def recorded(root: Path, openings: int, *words: str) -> Run:
    trace, before = root / "trace", root / "before"
    with nemesis_site(root, 2) as site:
        with site.core():
            wait_until(lambda: press_once(site).answer == "opened", 60, "a first opening")
        folder = site.places.root
        shutil.copytree(folder, before, ignore=shutil.ignore_patterns("*.sock", "ballast"))
        with site.core(*words, under=recording(str(trace))) as core, guards(site) as at_work:
            wait_until(lambda: at_work.opened >= openings, 240, f"{openings} openings")
    # The tracer writes its last lines after the traced process has gone.
    # strace pads short process ids with spaces.
    end = re.compile(rf"^{core.pid} +\+\+\+ exited", re.MULTILINE)
    wait_until(lambda: end.search(trace.read_text("ascii")[-2000:]), 60, "the end of the record")
    with trace.open(encoding="ascii") as lines:
        calls = tuple(
            Call(c.name, c.path.replace(str(folder), str(before)), c.began, c.data, c.at)
            for c in calls_of(lines)
        )
    return Run(before, folder, calls)


@dataclass(frozen=True)
class Cut:
    """One power cut: what the disk holds, and what had been promised by then."""

    files: dict[Path, bytes]
    promised: frozenset[Key]


def cuts_of(run: Run, seed: int, count: int) -> Iterator[Cut]:
    rng, disk = random.Random(seed), Disk(run.before)
    writes = [at for at, call in enumerate(run.calls) if call.name in ("pwrite64", "sync", "say")]
    points = sorted(rng.choices(writes, k=count))
    with closing(sqlite3.connect(run.after / "register.db")) as raw:
        raw.row_factory = sqlite3.Row
        keys = {row.key[1]: row.key for row in rows_of(raw)}
        decided = {r["cmd_id"]: keys[r["event"]] for r in raw.execute("SELECT * FROM intent")}
    promised: set[Key] = set()
    for at, call in enumerate(run.calls):
        while points and points[0] == at:
            points.pop(0)
            yield Cut(disk.cut(rng), frozenset(promised))
        disk.step(call)
        told, sent = promises_of(call)
        promised |= {keys[seq] for seq in told} | {decided[cmd_id] for cmd_id in sent}


def broken_by(run: Run, cut: Cut) -> set[Rule]:
    """Put the current back, start the store as core does, and return which promises broke."""
    with quick_folder() as place:
        folder = place / "s"
        sqlite = shutil.ignore_patterns("*.db", "*.db-*")
        shutil.copytree(run.before, folder, ignore=sqlite)
        for path, content in cut.files.items():
            (folder / path).write_bytes(content)
        with Store.open(folder, say.NOW, ballast=0, boot="after") as store:
            reasons = [row.reason for row in store.events() if row.kind is EventKind.FAULT]
        assert reasons == [], "the store had to be restored from a backup"
        assert not (folder / "damaged").exists()
        with closing(sqlite3.connect(folder / "register.db")) as raw:
            raw.row_factory = sqlite3.Row
            journal = rows_of(raw)
        found = verify(folder)
    history = History(cut.promised, journal, {}, broken=found.why)
    return {violation.rule for violation in judge(history)}


def survive(root: Path, seed: int, openings: int, cuts: int) -> None:
    tell(f"seed {seed}, {openings} openings, {cuts} power cuts")
    run = recorded(root, openings)
    assert sum(bool(promises_of(call)[1]) for call in run.calls) >= openings, "no command was seen"
    promised = 0
    for number, cut in enumerate(cuts_of(run, seed, cuts)):
        assert broken_by(run, cut) == set(), f"seed {seed}, cut {number}"
        promised = len(cut.promised)
    tell(f"{len(run.calls)} steps, {promised} events promised by the last cut")
    assert promised > openings / 2


@pytest.mark.fault("F3")
def test_after_a_power_cut_all_that_was_said_is_there(tmp_path: Path) -> None:
    survive(tmp_path, 3, 12, 12)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.fault("F3")
def test_after_two_hundred_power_cuts_all_that_was_said_is_there(tmp_path: Path) -> None:
    survive(tmp_path, 4, 300, 200)


@pytest.mark.fault("F3")
def test_a_store_that_does_not_wait_for_the_disk_is_found_out(tmp_path: Path) -> None:
    run = recorded(tmp_path, 12, "normal-sync")
    broken = set[Rule]()
    for cut in cuts_of(run, 3, 12):
        broken |= broken_by(run, cut)
    assert broken == {Rule.LOST}
