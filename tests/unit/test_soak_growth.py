"""The soak's arithmetic: a leak is found, noise and a filling cache are not."""

import mmap
import os
import random
import time
from pathlib import Path

import pytest

from tests.nemesis.growth import Growth, growth
from tests.nemesis.soak import MAY_RISE, MB, Line, lines_of
from tests.nemesis.vitals import Nurse, Vitals, look

TIMES = [float(second) for second in range(1200)]


def nurse(**changed: list[float]) -> Nurse:
    """Return what a nurse took down of one process in 20 minutes; what is not named is flat."""
    taken = Nurse({"core": (0, None)}, {"outbox": lambda: 0})
    flat: dict[str, list[float]] = {
        "rss": [80.0 * MB] * len(TIMES),
        "files": [33.0] * len(TIMES),
        "threads": [37.0] * len(TIMES),
        "objects": [110_000.0] * len(TIMES),
        "outbox": [10.0] * len(TIMES),
    }
    now = flat | changed
    for number, at in enumerate(TIMES):
        values = {name: int(now[name][number]) for name in ("rss", "files", "threads", "objects")}
        taken.vitals["core"].append(Vitals(at, **values))
        taken.numbers["outbox"].append((at, int(now["outbox"][number])))
    return taken


def leaks(taken: Nurse) -> list[str]:
    return [line.name for line in lines_of(taken) if line.leaks]


def test_the_line_is_that_of_the_second_half() -> None:
    values = [at * 10 for at in range(600)] + [6000.0 + at for at in range(600)]
    found = growth(TIMES, values)
    assert found.rise == pytest.approx(599, rel=0.01)
    assert found.spread == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize(("rise", "spread"), [(4.1, 0.0), (4.1, 1.3), (12.0, 3.9)])
def test_a_rise_over_the_floor_and_the_spread_is_growth(rise: float, spread: float) -> None:
    assert Growth(rise, spread, 80.0).over(4.0)


@pytest.mark.parametrize(("rise", "spread"), [(4.0, 0.0), (-50.0, 0.0), (5.0, 1.7)])
def test_a_rise_within_the_floor_or_the_spread_is_none(rise: float, spread: float) -> None:
    assert not Growth(rise, spread, 80.0).over(4.0)


def test_a_site_that_stands_as_it_is_passes() -> None:
    assert leaks(nurse()) == []


def test_a_cache_that_fills_in_the_first_half_passes() -> None:
    filling = [min(at, 590.0) * 0.1 * MB + 60 * MB for at in TIMES]
    assert leaks(nurse(rss=filling)) == []


def test_noise_without_a_trend_passes() -> None:
    rng = random.Random(7)
    assert leaks(nurse(rss=[80 * MB + rng.gauss(0, 6) * MB for _ in TIMES])) == []


@pytest.mark.parametrize(
    ("name", "a_second"), [("rss", 0.01 * MB), ("files", 0.01), ("threads", 0.01), ("objects", 8.0)]
)
def test_a_slow_leak_is_found_in_each_measure(name: str, a_second: float) -> None:
    rng = random.Random(11)
    noise = MAY_RISE[name] / 20
    series = [100_000 + at * a_second + rng.gauss(0, noise) for at in TIMES]
    assert leaks(nurse(**{name: series})) == [f"core {name}"]


def test_an_outbox_that_never_drains_is_found() -> None:
    assert leaks(nurse(outbox=[at * 3 for at in TIMES])) == ["outbox"]


def test_a_run_that_was_too_short_says_so() -> None:
    with pytest.raises(ValueError, match="run for longer"):
        growth([0.0, 1.0, 2.0], [1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="run for longer"):
        growth([1.0] * 50, [1.0] * 50)
    with pytest.raises(ValueError, match="no series"):
        growth([1.0], [])


def test_a_process_is_looked_at_as_it_is(tmp_path: Path) -> None:
    counts = tmp_path / "objects"
    counts.write_text("          42", "ascii")
    before = look(os.getpid(), time.monotonic(), counts)
    # Pages of its own: what the interpreter has freed before would be handed out again.
    with mmap.mmap(-1, 32 * MB) as held, counts.open("rb"):
        held.write(b"x" * len(held))
        after = look(os.getpid(), time.monotonic(), counts)
    assert after.objects == 42
    assert after.files == before.files + 1
    assert after.rss - before.rss > 16 * MB
    assert before.threads >= 1


def test_a_line_reads_in_plain_units() -> None:
    line = Line("core rss", 80.0 * MB, 1.5 * MB, 0.25 * MB, leaks=False)
    assert str(line) == "core rss: 80.0MB rise +1.50MB spread 0.25MB"
