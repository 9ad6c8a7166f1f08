"""What every test may rely on."""

import hypothesis

# A slow machine is no failure: timing lives in tests/bench.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")
