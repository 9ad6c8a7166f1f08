"""Memory runs out: what looks and shows is given up first, what opens goes on."""

import threading
from pathlib import Path

import pytest

from config.settings import Settings
from edge.jobs import BROKER, CORE, VISION, WEB
from edge.oom import go_first
from edge.supervisor import Job, Supervisor
from tests.fakes.jobs import eats_memory, ended_by_the_kernel, turns
from tests.fakes.running_site import wait_until

SETTINGS = Settings(site={"compound": "00000000"})  # type: ignore[arg-type] # read by the schema


def lives(root: Path, name: str) -> int:
    file = root / name
    return len(file.read_text("ascii").splitlines()) if file.exists() else 0


def score(pid: int | str | None) -> int:
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text("ascii"))


@pytest.mark.fault("F22")
def test_one_that_runs_out_of_memory_is_started_again_and_the_doors_go_on(tmp_path: Path) -> None:
    own = score("self")
    jobs = (
        Job("door", turns, silent=10.0),  # type: ignore[arg-type] # its names differ
        Job("eyes", eats_memory, silent=10.0, required=False, spare=700),  # type: ignore[arg-type]
        Job("pages", ended_by_the_kernel, silent=10.0, required=False, spare=600),  # type: ignore[arg-type]
    )
    supervisor = Supervisor(jobs, SETTINGS, tmp_path)
    supervisor.start(threading.Event())
    try:
        door = supervisor.processes()["door"]
        for name in ("eats_memory", "ended_by_the_kernel"):
            wait_until(lambda name=name: lives(tmp_path, name) == 2, 30, f"{name} a second time")
        wait_until(lambda: all(one.beating for one in supervisor.states()), 20, "three that turn")
        states = {one.name: one for one in supervisor.states()}
        assert supervisor.processes()["door"] == door
        assert (states["door"].restarts, states["door"].fell_ago) == (0, -1.0)
        assert {states["eyes"].restarts, states["pages"].restarts} == {1}
        assert states["eyes"].fell_ago >= 0
        assert score(door) == own, "the kernel has no reason to pick the door"
        assert int((tmp_path / "score-1").read_text("ascii")) == 700
        assert score(supervisor.processes()["pages"]) == 600
    finally:
        supervisor.stop()


@pytest.mark.fault("F22")
def test_eyes_and_pages_are_given_up_before_what_opens() -> None:
    assert CORE.spare == BROKER.spare == 0
    assert VISION.spare > WEB.spare > 0
    assert not VISION.required
    assert not WEB.required


def test_what_opens_never_asks_to_be_spared() -> None:
    before = score("self")
    go_first(0)
    assert score("self") == before
