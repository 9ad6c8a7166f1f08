"""The bars of liveness on the evaluation data, through the command that an installer runs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.weights import weight_files
from models.errors import RecogniserFault
from tests.fakes.data import need

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    folder = need("pad")
    try:
        weight_files("liveness")
    except RecogniserFault as fault:
        pytest.skip(f"the weights of liveness are not here (run ./setup): {fault}")
    kuahu = Path(sys.executable).with_name("kuahu")
    done = subprocess.run(
        [kuahu, "eval", "liveness", folder], capture_output=True, text=True, check=True
    )
    assert "zalo_2" in done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_passive_keeps_pictures_out_and_lets_most_people_in(said: dict[str, Any]) -> None:
    assert said["apcer"] <= 0.05
    assert said["passage_apcer"] <= 0.05
    assert said["passage_bpcer"] <= 0.25


def test_challenges_are_met_by_people_who_do_what_was_asked(said: dict[str, Any]) -> None:
    assert said["challenge_genuine_n"] >= 2
    assert said["challenge_genuine_accepted"] >= 0.8
    assert said["challenge_other_accepted"] <= 0.05
    assert said["challenge_planar_accepted"] <= 0.05
    assert said["challenge_synthetic_accepted"] >= 0.8
    assert said["seconds_to_open_n_real"] >= 2
    assert said["seconds_to_open_p95_synthetic"] > said["seconds_to_open_p50_synthetic"] > 0


def test_every_rate_has_its_bounds(said: dict[str, Any]) -> None:
    rates = [key for key in said if f"{key}_lo" in said]
    assert len(rates) >= 10
    assert [key for key in rates if not said[f"{key}_lo"] <= said[key] <= said[f"{key}_hi"]] == []
    assert {"print", "screen-replay"} <= set(said["kinds"])
