"""The other reader of plates: hyperlpr2 as shipped, in an environment of its own.

It needs OpenCV 4, so it cannot live in ours. The environment is made once, under .tools/.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

_ROOT = Path(__file__).resolve().parents[2]
_HOME = _ROOT / ".tools" / "bench" / "hyperlpr2"
_PACKAGES = ("hyperlpr2==2.0.0", "opencv-python-headless==4.14.0.94", "numpy==2.4.6")

_WORKER = """
import json, sys, time
import cv2
cv2.setNumThreads(1)
from hyperlpr2 import HyperLPR_plate_recognition as read
for line in sys.stdin:
    picture = cv2.imread(json.loads(line))
    began = time.perf_counter()
    try:
        texts = [found[0] for found in read(picture)]
    except Exception:
        texts = []
    took = (time.perf_counter() - began) * 1000
    print(json.dumps({"texts": texts, "ms": took}), flush=True)
"""


class HyperLpr:
    """A process that reads pictures with hyperlpr2; raises OSError where it cannot be had."""

    def __init__(self) -> None:
        python = _environment()
        self._process = subprocess.Popen(
            [python, "-c", _WORKER],
            cwd=_HOME,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def read(self, picture: Path) -> tuple[list[str], float]:
        """Return the texts that it reads and the milliseconds that it takes, once unpacked."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(str(picture)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            message = "hyperlpr2 ended by itself"
            raise OSError(message)
        said = json.loads(line)
        return said["texts"], said["ms"]


def _environment() -> Path:
    python = _HOME / "bin" / "python"
    if (_HOME / "complete").exists():
        return python
    uv = str(Path(sys.executable).with_name("uv"))
    steps = (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(_HOME)],
        [uv, "pip", "install", "--quiet", "--python", str(python), "--no-deps", *_PACKAGES],
    )
    for step in steps:
        # Elsewhere, or uv would apply our project's overrides, which leave OpenCV 4 out.
        elsewhere = tempfile.gettempdir()
        done = subprocess.run(step, cwd=elsewhere, capture_output=True, text=True, check=False)
        if done.returncode:
            message = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason"
            raise OSError(message)
    (_HOME / "complete").touch()
    return python
