"""What every test may rely on."""

import hypothesis
import pytest

# A slow machine is no failure: timing lives in tests/bench.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(number, ...): the faults of docs/faults.md it meets")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits for processes: quick tests fill up the end, where two run at a time."""
    items.sort(key=lambda item: item.path.parent.name not in {"browser", "integration"})
