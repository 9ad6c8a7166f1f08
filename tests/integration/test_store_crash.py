"""The store under kill -9, failing disks and full ones: what was acknowledged is there."""

import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.store.disk import drop_ballast
from edge.store.store import Store
from edge.store.verify import verify
from models.errors import StoreFault
from models.event import EventKind
from models.visit import UseState
from tests.fakes import store_words as say
from tests.fakes.store_words import NOW
from tests.fakes.store_worker import record

_ROOT = Path(__file__).resolve().parents[2]
_WORKER = [sys.executable, "-m", "tests.fakes.store_worker"]


@dataclass
class Said:
    """What a worker claimed before it ended: command ids by seq, and those that failed."""

    kept: dict[int, str]
    failed: list[str]
    ended: bool
    last_was_kept: bool


def read_out(lines: list[str]) -> Said:
    words = [line.split() for line in lines if line.endswith("\n")]
    kept = {int(seq): cmd_id for kind, *rest in words if kind == "ok" for seq, cmd_id in [rest]}
    failed = [word[1] for word in words if word[0] == "fault"]
    told = [word[0] for word in words if word[0] in ("ok", "fault")]
    return Said(kept, failed, ["end"] in words, told[-1:] == ["ok"])


def commands_of(folder: Path) -> dict[int, str]:
    with closing(sqlite3.connect(folder / "register.db")) as raw:
        return dict(raw.execute("SELECT event, cmd_id FROM intent").fetchall())


def check_all_is_there(folder: Path, said: Said) -> None:
    """Reopen as a restart does, and hold the store to every word that was said."""
    with Store.open(folder, NOW, ballast=0, boot=say.BOOT) as store:
        there = commands_of(folder)
        assert said.kept.items() <= there.items()
        for seq, cmd_id in there.items():
            event = store.event(seq)
            assert event is not None
            assert event.outcome == "unknown"
            (use,) = store.pass_state(cmd_id).uses
            assert use.state is UseState.RETURNED
        decisions = {
            row.seq for row in store.events(limit=100_000) if row.kind is EventKind.DECISION
        }
        assert decisions == set(there)
    found = verify(folder)
    assert (found.broken, found.why) == (0, "")


def run_worker(
    folder: Path, *under: str, threads: int = 2, each: int = 30, then: str = "end"
) -> Said:
    command = [*under, *_WORKER, str(folder), str(threads), str(each), then]
    done = subprocess.run(
        command, cwd=_ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    return read_out(done.stdout.splitlines(keepends=True))


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    rng = random.Random(20260501)
    everything: dict[int, str] = {}
    for _ in range(3):
        with subprocess.Popen(
            [*_WORKER, str(folder), "3", "100000"],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as worker:
            assert worker.stdout is not None
            lines = [worker.stdout.readline() for _ in range(rng.randrange(2, 120))]
            worker.kill()
            lines += worker.stdout.readlines()
        said = read_out(lines)
        assert lines[0] == "ready\n"
        assert not said.ended
        everything |= said.kept
    assert everything
    check_all_is_there(folder, Said(everything, [], ended=False, last_was_kept=True))


@pytest.fixture
def strace() -> str:
    path = shutil.which("strace")
    if path is None:
        pytest.skip("strace is not installed: apt install strace")
    probe = subprocess.run([path, "-qq", "-o", "/dev/null", "true"], check=False)
    if probe.returncode:
        pytest.skip("strace may not trace here (ptrace is forbidden)")
    return path


def inject(strace: str, calls: str, how: str) -> list[str]:
    quiet = ["-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}"]
    return [strace, *quiet, "-e", f"inject={calls}:{how}"]


def kill_at(strace: str, folder: Path, write: int) -> None:
    """Kill a first start at its Nth write, then a second run at its Nth, then check."""
    under = inject(strace, "pwrite64,fdatasync", f"signal=KILL:when={write}")
    first = run_worker(folder, *under, each=5)
    second = run_worker(folder, *under, each=5)
    check_all_is_there(folder, Said(first.kept | second.kept, [], ended=False, last_was_kept=True))


@pytest.mark.parametrize("write", [3, 90])
def test_a_kill_at_any_write_leaves_a_whole_store(tmp_path: Path, strace: str, write: int) -> None:
    kill_at(strace, tmp_path / "state", write)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_kill_at_each_of_a_hundred_writes_leaves_a_whole_store(
    tmp_path: Path, strace: str
) -> None:
    for write in range(1, 201, 2):
        kill_at(strace, tmp_path / str(write), write)


def test_a_commit_waits_for_the_disk_each_time(tmp_path: Path, strace: str) -> None:
    def syncs(name: str, each: int) -> int:
        out = tmp_path / f"{name}.trace"
        under = [strace, "-f", "-qq", "-o", str(out), "-e", "trace=fdatasync"]
        said = run_worker(tmp_path / name, *under, threads=1, each=each)
        assert len(said.kept) == each
        return out.read_text().count("fdatasync(")

    assert syncs("many", 25) - syncs("few", 5) >= 20


def test_a_write_that_the_disk_refused_is_neither_acknowledged_nor_kept(
    tmp_path: Path, strace: str
) -> None:
    folder = tmp_path / "state"
    Store.open(folder, NOW, ballast=0, boot=say.BOOT).close()
    said = run_worker(folder, *inject(strace, "fdatasync", "error=EIO:when=12..14"))
    assert said.ended
    assert said.failed
    assert said.kept
    assert said.last_was_kept
    there = commands_of(folder)
    assert set(said.failed) & set(there.values()) == set()
    check_all_is_there(folder, said)


def test_a_refused_write_stays_refused_when_power_fails_after_mending(
    tmp_path: Path, strace: str
) -> None:
    folder = tmp_path / "state"
    Store.open(folder, NOW, ballast=0, boot=say.BOOT).close()
    under = inject(strace, "fdatasync", "error=EIO:when=12")
    said = run_worker(folder, *under, threads=1, then="die")
    assert not said.ended
    (refused,) = said.failed
    check_all_is_there(folder, said)
    assert refused not in commands_of(folder).values()


def test_a_disk_that_never_comes_back_acknowledges_nothing_more(
    tmp_path: Path, strace: str
) -> None:
    folder = tmp_path / "state"
    Store.open(folder, NOW, ballast=0, boot=say.BOOT).close()
    said = run_worker(folder, *inject(strace, "fdatasync", "error=EIO:when=12+"))
    assert said.ended
    assert said.failed
    assert not said.last_was_kept
    check_all_is_there(folder, said)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None:
        pytest.skip("mount is not installed: apt install mount")
    command = [mount, "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here (not root, or no mount namespace)")
    yield place
    subprocess.run([shutil.which("umount") or "umount", str(place)], check=True)


def test_a_full_disk_gives_up_its_ballast_and_the_log_goes_on_by_itself(
    small_disk: Path,
) -> None:
    folder, filler = small_disk / "state", small_disk / "filler"
    kept: list[int] = []

    def write(store: Store, most: int) -> bool:
        for _ in range(most):
            try:
                kept.append(store.note(EventKind.CALL, "call", NOW, text="x" * 2000))
            except StoreFault:
                return False
        return True

    with Store.open(folder, NOW, ballast=2 * 1024 * 1024, boot=say.BOOT) as store:
        assert store.disk.ballast
        filler.write_bytes(b"x" * (store.disk.free - 200_000))
        assert not write(store, 1000)
        assert not store.disk.ballast
        assert write(store, 20)
        assert not write(store, 5000)
        assert not write(store, 1)
        filler.unlink()
        assert write(store, 20)
        assert store.trouble is None
        notes = [row.seq for row in store.events(limit=100_000) if row.kind is EventKind.CALL]
        assert notes == kept
    assert verify(folder).broken == 0


def fill_up(filler: Path) -> None:
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass


def test_a_start_on_a_full_disk_still_serves_the_guard(small_disk: Path) -> None:
    folder, filler = small_disk / "state", small_disk / "filler"
    size = 1024 * 1024
    with Store.open(folder, NOW, ballast=size, boot=say.BOOT) as store:
        seq = record(store, "ab" * 16)
        drop_ballast(store.folder.ballast)
    fill_up(filler)
    with Store.open(folder, NOW, ballast=size, boot=say.BOOT) as store:
        fill_up(filler)
        while store.trouble is None:
            with suppress(StoreFault):
                store.note(EventKind.CALL, "call", NOW, text="x" * 2000)
        assert store.event(seq) is not None
        filler.unlink()
        store.note(EventKind.CALL, "call", NOW)
        assert store.trouble is None
        event = store.event(seq)
        assert event is not None
        assert event.outcome == "unknown"
        kinds = [row.kind for row in store.events(since=seq)]
        assert kinds[:2] == [EventKind.REPORT, EventKind.START]
        assert kinds.count(EventKind.START) == 1


def test_a_full_disk_is_never_taken_for_damage(small_disk: Path) -> None:
    folder, filler = small_disk / "state", small_disk / "filler"
    with Store.open(folder, NOW, ballast=0, boot=say.BOOT) as store:
        store.keep_house(NOW)
        seq = record(store, "ab" * 16)
        journal = store.journal
    fill_up(filler)
    with pytest.raises(StoreFault, match="cannot be checked") as refused:
        Store.open(folder, NOW, ballast=0, boot=say.BOOT)
    assert "full" in refused.value.advice
    filler.unlink()
    with Store.open(folder, NOW, ballast=0, boot=say.BOOT) as store:
        assert store.journal == journal
        assert store.event(seq) is not None
