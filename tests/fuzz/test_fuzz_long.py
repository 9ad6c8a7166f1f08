"""The long form: atheris steers by coverage; what fails is kept and its path printed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import CORPUS, TARGETS

ROOT = Path(__file__).parents[2]
RUNS = {"code": 60_000, "mqtt": 150_000, "picture": 40_000, "config": 15_000, "wire": 150_000}
MEMORY = 1024
"""Megabytes that a target may come to need."""

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        importlib.util.find_spec("atheris") is None,
        reason="atheris has no wheel for this machine; the short form still runs",
    ),
]


@pytest.mark.parametrize("name", TARGETS)
def test_atheris_finds_nothing_undeclared(name: str, tmp_path: Path) -> None:
    runs = int(os.environ.get("KUAHU_FUZZ_RUNS", RUNS[name]))
    found = tmp_path / "found"
    found.mkdir()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.fuzz",
            name,
            f"-runs={runs}",
            f"-rss_limit_mb={MEMORY}",
            "-timeout=20",
            f"-max_len={TARGETS[name].longest}",
            f"-artifact_prefix={found}/",
            str(tmp_path),
            str(CORPUS / name),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    kept = sorted(found.iterdir())
    told = f"copy {[str(path) for path in kept]} into {CORPUS / name}\n{done.stderr[-6000:]}"
    assert done.returncode == 0, told
