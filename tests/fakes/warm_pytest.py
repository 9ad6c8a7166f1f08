"""pytest with the libraries loaded once: each run is a fork that loads the house anew."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_WARM = """
import os, sys
import alembic.command, cryptography.x509, cv2, fastapi, httpx, hypothesis.stateful, numpy
import paho.mqtt.client, pydantic_settings, pytest, sqlalchemy.orm
quiet = ["-q", "-x", "-p", "no:cacheprovider", "-p", "pytest_timeout"]
for line in sys.stdin:
    child = os.fork()
    if not child:
        said = os.open("said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(said, stream)
        code = pytest.main([*quiet, *line.split()])
        sys.stdout.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
_ALONE = {
    # The compiled form of a source that is changed to and fro would outlive the change.
    "PYTHONDONTWRITEBYTECODE": "1",
    # Plugins that these tests do not use take longer to load than the tests to run.
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    # A fork has no threads but its own.
    "OPENBLAS_NUM_THREADS": "1",
}


class WarmPytest:
    """Runs tests in `folder`, whose sources are read anew each time.

    Each run is a process of its own, and sees nothing of what another one did.
    """

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self._folder = folder
        self._process = process

    def run(self, *tests: str) -> int:
        """Return pytest's exit status for these tests."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(tests) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    @property
    def said(self) -> str:
        """What the last run wrote."""
        return (self._folder / "said").read_text("utf-8")


@contextmanager
def warm_pytest(folder: Path) -> Iterator[WarmPytest]:
    """Yield a pytest of `folder`, a copy of the house or of parts of it."""
    process = subprocess.Popen(
        [sys.executable, "-c", _WARM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, **_ALONE, "PYTHONPATH": str(folder)},
    )
    with process:
        yield WarmPytest(folder, process)
