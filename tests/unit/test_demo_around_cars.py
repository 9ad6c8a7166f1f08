"""How the demo judges the lamps around a car, by what the panel's own ledger says."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from edge.demo.around_cars import Around
from edge.demo.lamps import SimulatedLamps
from mqtt_bridge.panel_core import Moved
from mqtt_bridge.sim_panel import PanelEntry

LANE, OPENED = 3, 50.0
Ledger = Callable[..., Around]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Return what makes a judge of a ledger: seconds, output and level of each change."""

    def judge(*changes: tuple[float, str, int], opened: float = OPENED) -> Around:
        entries = (PanelEntry(t, "lamps", out, to, Moved.SETTING, 1, "e") for t, out, to in changes)
        lines = b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries)
        (tmp_path / "ledger").write_bytes(lines)
        lamps = SimulatedLamps(tmp_path / "control", tmp_path / "ledger")
        return Around(lamps, lambda _load: False, lambda _lane: opened)

    return judge


def test_lamps_are_judged_by_when_the_last_of_them_shone_and_went_out(ledger: Ledger) -> None:
    lit = ((50.1, "drive", 100), (50.4, "garage", 100))
    around = ledger(*lit, (53.2, "drive", 0), (53.4, "garage", 0))
    assert around.lit_after(LANE, 0.0) == pytest.approx(0.4)
    assert around.dark_after(LANE, 0.0) == pytest.approx(3.0)


def test_lamps_that_shine_before_the_arm_has_moved_are_lit_in_time(ledger: Ledger) -> None:
    around = ledger((49.9, "drive", 100), (49.9, "garage", 100), (53.9, "drive", 0))
    assert around.lit_after(LANE, 0.0) == 0.0
    assert around.dark_after(LANE, 0.0) is None


@pytest.mark.parametrize(
    "changes",
    [
        ((50.1, "drive", 100),),
        ((45.0, "drive", 100), (45.0, "garage", 100)),
        ((50.1, "drive", 20), (50.1, "garage", 100)),
    ],
)
def test_lamps_of_which_one_stays_dark_or_was_lit_for_another_are_not_lit(
    ledger: Ledger, changes: tuple[tuple[float, str, int], ...]
) -> None:
    assert ledger(*changes).lit_after(LANE, 0.0) is None
    assert ledger((0.1, "drive", 100), (0.1, "garage", 100), opened=0.0).lit_after(LANE, 0) is None
