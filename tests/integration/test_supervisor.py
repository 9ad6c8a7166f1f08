import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import edge.supervisor
from config.settings import Settings
from edge.supervisor import Job, Supervisor
from tests.fakes.jobs import dies_twice, hangs_once, never_begins, turns, will_not_end
from tests.fakes.running_site import wait_until


@contextmanager
def supervised(root: Path, *jobs: Job) -> Iterator[Supervisor]:
    supervisor = Supervisor(jobs, Settings(site={"compound": "00000000"}), root)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()


def lives(root: Path, name: str) -> list[int]:
    file = root / name
    return [int(line) for line in file.read_text("ascii").splitlines()] if file.exists() else []


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_killed_process_is_started_again_and_the_other_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The other one will not end by itself.
    monkeypatch.setattr(edge.supervisor, "STOP_WITHIN", 1.0)
    steady = Job("steady", will_not_end, silent=5.0)
    with supervised(tmp_path, Job("turns", turns, silent=5.0), steady) as supervisor:
        first = supervisor.processes()
        assert first["turns"] is not None
        os.kill(first["turns"], signal.SIGKILL)
        wait_until(lambda: len(lives(tmp_path, "turns")) == 2, 20, "a second life")
        wait_until(lambda: supervisor.healthy, 20, "health")
        assert supervisor.processes()["steady"] == first["steady"]


def test_a_hanging_process_is_ended_and_started_again(tmp_path: Path) -> None:
    with supervised(tmp_path, Job("hangs", hangs_once, silent=1.0)):
        wait_until(lambda: len(lives(tmp_path, "hangs_once")) == 2, 20, "a second life")
        assert gone(lives(tmp_path, "hangs_once")[0])


def test_a_stopped_process_counts_as_hanging(tmp_path: Path) -> None:
    with supervised(tmp_path, Job("turns", turns, silent=1.0)) as supervisor:
        pid = supervisor.processes()["turns"]
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: len(lives(tmp_path, "turns")) == 2, 20, "a second life")


def test_repeated_deaths_are_met_with_longer_pauses(tmp_path: Path) -> None:
    with supervised(tmp_path, Job("dies", dies_twice, silent=5.0)) as supervisor:
        wait_until(lambda: len(lives(tmp_path, "dies_twice")) == 3, 30, "a third life")
        wait_until(lambda: supervisor.healthy, 20, "health")
    assert list(edge.supervisor.BACK_OFF) == sorted(edge.supervisor.BACK_OFF)


def test_a_process_that_never_begins_is_named_and_everything_is_stopped(tmp_path: Path) -> None:
    jobs = (Job("turns", turns, silent=5.0), Job("stuck", never_begins, silent=5.0, begin=2.0))
    with pytest.raises(TimeoutError, match="stuck did not get ready"), supervised(tmp_path, *jobs):
        pass
    assert all(gone(pid) for pid in lives(tmp_path, "turns"))


def test_one_that_no_door_depends_on_is_missed_and_no_more(tmp_path: Path) -> None:
    jobs = (
        Job("door", turns, silent=5.0),
        Job("stuck", never_begins, silent=5.0, begin=1.0, required=False),
        Job("dies", dies_twice, silent=5.0, required=False),
    )
    with supervised(tmp_path, *jobs) as supervisor:
        door = supervisor.processes()["door"]
        assert supervisor.healthy
        wait_until(lambda: len(lives(tmp_path, "dies_twice")) == 3, 30, "a third life")
        assert supervisor.healthy
        assert supervisor.processes()["door"] == door


def test_a_wish_to_stop_is_heard_while_starting(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    jobs = (Job("stuck", never_begins, silent=5.0),)
    supervisor = Supervisor(jobs, Settings(site={"compound": "00000000"}), tmp_path)
    supervisor.start(stop)
    supervisor.stop()
    assert supervisor.processes()["stuck"] is None or not supervisor.healthy


def test_stopping_ends_even_what_will_not_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge.supervisor, "STOP_WITHIN", 1.0)
    with supervised(tmp_path, Job("deaf", will_not_end, silent=5.0)) as supervisor:
        assert supervisor.healthy
    assert all(gone(pid) for pid in lives(tmp_path, "will_not_end"))


def test_processes_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    program = f"""
import time
from pathlib import Path
from config.settings import Settings
from edge.supervisor import Job, Supervisor
from tests.fakes.jobs import will_not_end
if __name__ == "__main__":
    jobs = (Job("deaf", will_not_end, silent=5.0),)
    settings = Settings(site={{"compound": "00000000"}})
    supervisor = Supervisor(jobs, settings, Path({str(tmp_path)!r}))
    supervisor.start()
    print("up", flush=True)
    time.sleep(60)
"""
    script = tmp_path / "program.py"
    script.write_text(program, "utf-8")
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.kill()
    wait_until(lambda: all(gone(pid) for pid in lives(tmp_path, "will_not_end")), 10, "the end")
