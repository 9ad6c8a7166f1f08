"""What every test may rely on."""

import hypothesis
import pytest

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
"""Each starts the whole product with eyes and tells it stories: nothing else runs beside them."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(number, ...): the faults of docs/faults.md it meets")
    config.addinivalue_line("markers", "world: the whole product with eyes; runs alone")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what starts a world."""
    if item.path.stem in _WORLDS:
        item.add_marker("world")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits for processes: quick tests fill up the end, where two run at a time."""
    items.sort(key=lambda item: item.path.parent.name not in {"browser", "integration"})
