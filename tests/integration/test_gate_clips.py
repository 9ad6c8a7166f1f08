"""Real gate clips through the whole daemon: no stall, whatever walks by."""

from pathlib import Path

import pytest

from tests.fakes.data import need
from tests.fakes.running_site import running, settings_of, wait_until


@pytest.mark.parametrize(
    "clip",
    [
        "walk_opera.mp4",
        # The short form shows these to the eyes alone, without the processes around them.
        pytest.param("single_hai1.mp4", marks=pytest.mark.long),
        pytest.param("taxi_night.mp4", marks=pytest.mark.long),
    ],
)
def test_a_clip_runs_to_its_end_without_a_stall(tmp_path: Path, clip: str) -> None:
    camera = {"id": "clip", "source": f"file:{need('gate') / clip}"}
    with running(settings_of(tmp_path / "s", [camera])) as site:
        before = site.supervisor.processes()
        states: set[str] = set()
        turns: list[int] = []

        def ended() -> bool:
            seen = site.camera("clip")
            if seen is not None:
                states.add(seen.state)
            turns.append(len(site.pushed))
            return seen is not None and seen.state == "ended"

        wait_until(ended, 120, "the end of the clip")
        assert site.supervisor.processes() == before, "a process was restarted"
        assert states <= {"opening", "live", "ended"}, states
