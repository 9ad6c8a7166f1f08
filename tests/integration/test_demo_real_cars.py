"""The demo's check with real cars in lane 3, where the evaluation pictures are there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.demo.story import story
from tests.fakes.data import data, need

_KUAHU = str(Path(sys.executable).with_name("kuahu"))


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_check_passes_with_cars_out_of_pictures(tmp_path: Path) -> None:
    need("plates")
    done = subprocess.run(
        [_KUAHU, "demo", "--check", "--json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"KUAHU_DATA": str(data())},
        timeout=280,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["step"] for line in lines if line["ok"]] == [step.name for step in story()]
    assert done.returncode == 0
    assert "the cars are painted" not in done.stderr
