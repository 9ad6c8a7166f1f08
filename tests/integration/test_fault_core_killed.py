"""Core is killed again and again under load: nothing acknowledged is lost, nothing moves twice."""

import random
import time
from pathlib import Path

import pytest

from tests.fakes import oracle
from tests.fakes.centre_faults import DropAnswer, Fault, before
from tests.fakes.centre_server import running
from tests.fakes.mosquitto import needs_mosquitto
from tests.fakes.oracle import Rule, judge
from tests.fakes.running_site import wait_until
from tests.nemesis.evidence import history_of, waiting_in
from tests.nemesis.load import guards, press_once
from tests.nemesis.site import Site, nemesis_site, say

pytestmark = needs_mosquitto
LANES = 3


def loses_answers(rng: random.Random) -> Fault | None:
    """Let the centre commit, and lose one answer in five."""
    return DropAnswer() if rng.random() < 0.2 else None


def kill_again_and_again(root: Path, seed: int, kills: int) -> None:
    rng, losing = random.Random(seed), random.Random(seed)
    say(f"seed {seed}, {kills} kills")
    database = f"sqlite:///{root}/centre.db"
    with running(database) as far, before(far) as faults:
        faults.refuse = lambda _body: loses_answers(losing)
        with (
            nemesis_site(root, LANES, centre=(faults.url, database)) as site,
            guards(site) as at_work,
        ):
            for _ in range(kills):
                with site.core() as core:
                    heard = at_work.opened + rng.randrange(1, 30)
                    wait_until(lambda heard=heard: at_work.opened >= heard, 60, "more openings")
                    time.sleep(rng.random() * 0.1)
                    core.kill()
            at_work.stop()
            with site.core():
                wait_until(lambda: press_once(site).answer == "opened", 60, "a last opening")
                wait_until(lambda: waiting_in(site.places.root) == 0, 120, "an empty outbox")
            history = history_of(site, at_work.told, far)
    found = oracle.sets(history)
    say(f"{len(history.acknowledged)} acknowledged, {len(history.journal)} committed")
    assert judge(history) == ()
    assert len(history.acknowledged) >= kills
    assert found.lost == found.unexpected == found.duplicated == frozenset()


@pytest.mark.fault("F1")
def test_core_killed_ten_times_under_load_loses_nothing_and_moves_nothing_twice(
    tmp_path: Path,
) -> None:
    kill_again_and_again(tmp_path, 20261121, 10)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.fault("F1")
@pytest.mark.parametrize("seed", [1, 2])
def test_core_killed_a_hundred_times_under_load(tmp_path: Path, seed: int) -> None:
    kill_again_and_again(tmp_path, seed, 100)


def dies_after_the_relay_had_it(root: Path, *words: str) -> set[Rule]:
    """Kill core between command and report, start it again, and return which promises broke."""
    with nemesis_site(root, 1) as site:
        with site.core("die-after-send") as core:
            wait_until(lambda: try_to_open(site) or core.poll() is not None, 60, "the crash")
            core.wait(60)
        assert len(site.actuations()) == 1
        beats = site.gates[1].state.last_seq
        with site.core(*words):
            wait_until(lambda: answers(site), 60, "an answer of the new core")
        assert site.gates[1].state.last_seq > beats
        return {violation.rule for violation in judge(history_of(site))}


def try_to_open(site: Site) -> bool:
    try:
        press_once(site)
    except Exception:  # noqa: BLE001 - core dies while we wait for its answer
        return True
    return False


def answers(site: Site) -> bool:
    return press_once(site).answer == "opened"


@pytest.mark.fault("F1")
def test_a_command_between_two_lives_of_core_is_never_sent_again(tmp_path: Path) -> None:
    assert dies_after_the_relay_had_it(tmp_path) == set()


@pytest.mark.fault("F1")
def test_a_core_that_sends_again_at_restart_is_found_out(tmp_path: Path) -> None:
    assert Rule.TWICE in dies_after_the_relay_had_it(tmp_path, "resend-at-restart")
