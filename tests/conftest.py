"""What every test may rely on."""

from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# A slow machine is no failure: timing lives in tests/bench.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


_WORLDS = {
    "test_demo_command",
    "test_demo_walk",
    "test_demo_world",
    "test_faces_at_a_lane",
    "test_gate_clips",
    "test_household_day",
}
"""Each starts the whole product with eyes: two of them at a time would wait for each other."""


class _ByFile(LoadFileScheduling):  # type: ignore[misc] # xdist has no types
    """A file's tests stay together where two run at a time, and all worlds stay in one row."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "worlds" if Path(file).stem in _WORLDS else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    return _ByFile(config, log)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(number, ...): the faults of docs/faults.md it meets")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits for processes: quick tests fill up the end, where two run at a time."""
    items.sort(key=lambda item: item.path.parent.name not in {"browser", "integration"})
