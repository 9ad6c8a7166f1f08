"""What every test may rely on."""

import hypothesis
import pytest

# A slow machine is no failure: timing lives in tests/bench.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(number, ...): the faults of docs/faults.md it meets")
