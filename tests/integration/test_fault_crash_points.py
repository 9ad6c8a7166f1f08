"""Core is killed at every write and sync of one passage: nothing moves twice or for nobody."""

import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from edge.channel import ChannelFault, Refused
from models.command import Position
from models.lane import Drive
from tests.fakes.mosquitto import needs_mosquitto
from tests.fakes.oracle import judge
from tests.fakes.running_site import wait_until
from tests.nemesis.evidence import history_of
from tests.nemesis.load import Told, press_once
from tests.nemesis.site import Site, nemesis_site, say
from tests.nemesis.tracing import STRACE, injecting, needs_strace

pytestmark = [needs_mosquitto, needs_strace]

CALLS = "pwrite64,fdatasync"


def passage(site: Site, *under: str) -> tuple[list[Told], bool]:
    """Open, let somebody through, wait for the arm to close; core may die anywhere in it.

    Returns what the guard heard, and whether core was killed.
    """
    told: list[Told] = []
    gate = site.gates[1]
    with site.core(under=under) as core:

        def opened() -> bool:
            try:
                told.append(press_once(site))
            except (ChannelFault, Refused, TimeoutError):
                return False
            return told[-1].answer == "opened"

        wait_until(lambda: core.poll() is not None or opened(), 60, "an opening")
        if core.poll() is None:
            wait_until(lambda: core.poll() is not None or gate.walk(), 60, "a passage")
            wait_until(
                lambda: core.poll() is not None or gate.state.position is Position.CLOSED,
                60,
                "the arm to close",
            )
    return told, core.returncode == -signal.SIGKILL


def points_of(site: Site, trace: Path) -> int:
    """Return the greatest number of writes and syncs that one thread of a passage makes."""
    passage(site, STRACE, "-D", "-f", "-q", "-o", str(trace), "-e", f"trace={CALLS}")
    begun = re.findall(r"^(\d+) +(?:pwrite64|fdatasync)\(", trace.read_text(), re.MULTILINE)
    return max(Counter(begun).values())


def kill_at(site: Site, point: int) -> bool:
    """Return whether core came as far as its Nth write and died there."""
    heard, killed = passage(site, *injecting(CALLS, f"signal=KILL:when={point}"))
    after, _ = passage(site)
    told = heard + after
    assert told[-1].answer == "opened"
    assert judge(history_of(site, told)) == (), f"killed at point {point}"
    return killed


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.fault("F2")
def test_a_kill_at_any_write_or_sync_of_a_passage_leaves_a_whole_site(tmp_path: Path) -> None:
    with nemesis_site(tmp_path, 1, drive=Drive.OPEN_CLOSE) as site:
        passage(site)
        points = points_of(site, tmp_path / "trace")
        say(f"killed at each of {points} points")
        assert points > 50
        killed = sum(kill_at(site, point) for point in range(1, points + 1))
        say(f"killed {killed} times")
        assert killed > 0.8 * points


@pytest.mark.fault("F2")
def test_a_kill_at_a_write_of_a_passage_leaves_a_whole_site(tmp_path: Path) -> None:
    with nemesis_site(tmp_path, 1, drive=Drive.OPEN_CLOSE) as site:
        passage(site)
        assert kill_at(site, 30)
