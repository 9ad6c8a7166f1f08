"""The arithmetic of the bench: ratios, spreads, goals, the shape of a line. Nothing is timed."""

import json
from itertools import count

import pytest

from tests.bench.__main__ import main, row_of
from tests.bench._blocks import interleave
from tests.bench._page import page, ratios_of
from tests.bench._row import KEYS, About, Goal, Op, Row, percentile

ABOUT = About("P0", "a bare loop", "ours / theirs", "ms", 70)
SIX = (2.0, 4.0, 6.0, 8.0, 10.0)


def row(ratios: tuple[float, ...], goal: Goal) -> Row:
    return Row(ABOUT, goal, tuple(2 * ratio for ratio in ratios), (2.0,) * len(ratios))


def test_the_ratio_is_the_median_of_the_blocks_not_of_the_figures() -> None:
    one = Row(ABOUT, Goal("<=", 2.0), (10.0, 2.0, 9.0, 8.0, 30.0), (10.0, 1.0, 3.0, 2.0, 10.0))
    assert one.ratios == (1.0, 2.0, 3.0, 4.0, 3.0)
    said = json.loads(one.line())
    assert (said["ratio"], said["lo"], said["hi"]) == (3.0, 1.0, 4.0)


@pytest.mark.parametrize(
    ("op", "bar", "ratios", "ok"),
    [
        ("<=", 2.0, (2.1, 2.2, 2.3, 2.4, 2.5), False),
        ("<=", 2.0, (2.0, 2.2, 2.3, 2.4, 2.5), True),
        ("<=", 2.0, (1.1, 1.2, 1.3, 1.4, 1.5), True),
        (">=", 2.0, (1.1, 1.2, 1.3, 1.4, 1.5), False),
        (">=", 2.0, (1.1, 1.2, 1.3, 1.4, 2.0), True),
        (">=", 2.0, (2.1, 2.2, 2.3, 2.4, 2.5), True),
        ("<=", None, (9.0, 9.0, 9.0, 9.0, 9.0), True),
    ],
)
def test_a_goal_is_missed_only_when_the_whole_spread_is_past_it(
    op: Op, bar: float | None, ratios: tuple[float, ...], ok: bool
) -> None:
    said = json.loads(row(ratios, Goal(op, bar)).line())
    assert said["ok"] is ok
    assert said["goal"] == bar


def test_a_line_holds_the_promised_keys_and_the_blocks() -> None:
    line = row(SIX, Goal("<=", 1.0)).line()
    said = json.loads(line)
    assert tuple(key for key in said if key != "blocks") == KEYS
    assert said["blocks"]["theirs"] == [2.0] * 5
    assert row_of(line) == said
    assert ratios_of(said) == list(SIX)


def test_a_figure_without_a_peer_is_its_own_ratio() -> None:
    said = json.loads(Row(ABOUT, Goal("<=", None), SIX).line())
    assert (said["ratio"], said["ok"]) == (6.0, True)
    assert ratios_of(said) == list(SIX)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (SIX, SIX[:4]),
        (SIX[:4], SIX[:4]),
        ((0.0, *SIX[1:]), SIX),
        (SIX, (float("nan"), *SIX[1:])),
        (SIX, (float("inf"), *SIX[1:])),
    ],
)
def test_blocks_that_compare_nothing_are_no_row(
    ours: tuple[float, ...], theirs: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match="P0"):
        Row(ABOUT, Goal("<=", 1.0), ours, theirs)


@pytest.mark.parametrize("line", ["", "P0 1.0", "[1]", "{}", '{"name": "P0"}', "null"])
def test_what_is_no_row_is_told_from_one(line: str) -> None:
    assert row_of(line) is None


def test_blocks_are_interleaved_and_every_second_one_goes_backwards() -> None:
    turns, order = count(1), []

    def contender(name: str) -> float:
        order.append(name)
        return float(next(turns))

    names = ("a", "b", "c")
    figures = interleave({name: lambda name=name: contender(name) for name in names}, 3)
    assert "".join(order) == "abccbaabc"
    assert figures == {"a": [1, 6, 7], "b": [2, 5, 8], "c": [3, 4, 9]}


@pytest.mark.parametrize(
    ("share", "wanted"), [(0.5, 3.0), (0.99, 5.0), (0.0, 1.0), (1.0, 5.0), (0.2, 1.0), (0.21, 2.0)]
)
def test_a_percentile_is_one_of_the_values(share: float, wanted: float) -> None:
    assert percentile([5.0, 1.0, 4.0, 2.0, 3.0], share) == wanted


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_the_page_shows_every_row_and_asks_no_other_host() -> None:
    missed = json.loads(row((3.0, 3.0, 3.0, 3.0, 4.0), Goal("<=", 1.5)).line())
    plain = json.loads(Row(About("rss", "none <b>", "MB", "MB", 5), Goal("<=", None), SIX).line())
    text = page([missed, plain], "load 1, 2 processors")
    assert text.count("<svg") == 2
    assert text.count("<circle") == 10
    assert text.count("stroke-dasharray") == 1, "a goal is drawn where there is one"
    assert ">missed<" in text
    assert "none &lt;b&gt;" in text
    assert "http" not in text
    assert "<script" not in text


def test_an_unknown_bench_is_named_with_those_that_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["p999"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "p999" in said.err
    assert "p6" in said.err
