"""Figures of liveness, the passages that files belong to, movements in clips, and made attacks."""

from pathlib import Path

import numpy as np
import pytest

from edge.eval.attacks import KINDS, Kind, Medium, Motion, attack
from edge.eval.heads import head
from edge.eval.labels import Row
from edge.eval.liveness_figures import auc, eer, figures, kinds
from edge.eval.presentation import Presentation, passages, told_of
from edge.eval.score import Bounded, Rate
from edge.eval.takes import play
from edge.eval.turns import turns
from models.lane import Liveness
from models.movement import Movement
from recognition.challenge import PROVING
from recognition.liveness import LivenessRules


def _row(name: str, **cells: str) -> Row:
    return Row(Path(name), name, {"file": name, **cells})


def _live(score: float | None, passage: str = "", *, accepted: bool = True) -> Presentation:
    return Presentation("a", attack=False, kind="", passage=passage).seen(
        "a", score, accepted=accepted
    )


def _attack(score: float, kind: str, *, accepted: bool = False) -> Presentation:
    return Presentation("b", attack=True, kind=kind, passage="").seen(
        f"b{score}", score, accepted=accepted
    )


def test_rows_say_who_is_live_what_an_attack_is_and_what_neither() -> None:
    live = told_of(_row("x.jpg", label="live", subject="s1", session="02"))
    assert live is not None
    assert (live.attack, live.passage) == (False, "live/s1/02")
    replay = told_of(_row("y.mp4", label="spoof", attack="screen-replay"))
    assert replay is not None
    assert (replay.attack, replay.kind) == (True, "screen-replay")
    assert told_of(_row("z.mp4", label="217-YH", kind="plate")) is None


def test_two_takes_of_one_sequence_are_two_passages() -> None:
    names = ("seq/003_0007_00_00_01_12.jpg", "seq/004_0007_01_00_01_12.jpg")
    told = [told_of(_row(name, label="live", kind="frame-sequence")) for name in names]
    assert [one.passage for one in told if one] == ["live/0007/take-00", "live/0007/take-01"]


def test_a_passage_of_stills_is_judged_by_its_middle() -> None:
    every = [_live(score, "p") for score in (0.1, 0.6, 0.9)] + [_live(0.2, accepted=False)]
    one, other = passages(every, 0.5)
    assert (one.score, one.accepted) == (0.6, True)
    assert (other.score, other.accepted) == (0.2, False)


def test_figures_count_accepted_attacks_and_refused_people() -> None:
    every = [
        _live(0.9, "p1"),
        _live(0.8, "p2"),
        _live(None, "p3", accepted=False),
        _attack(0.1, "print"),
        _attack(0.7, "screen", accepted=True),
    ]
    said = figures(every)
    assert (said["n"], said["n_live"], said["n_attack"]) == (5, 3, 2)
    assert said["apcer"] == Rate(1, 2)
    assert said["bpcer"] == Rate(1, 3)
    found = said["auc"]
    assert isinstance(found, Bounded)
    assert found.value == pytest.approx(4 / 6)
    assert found.lo <= found.value <= found.hi
    assert {kind: one["n_attack"] for kind, one in kinds(every).items()} == {
        "print": 1,
        "screen": 1,
    }
    assert figures([_live(0.9)])["auc"] is None


@pytest.mark.parametrize(
    ("live", "attacks", "area", "equal"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0, 0.0),
        ([0.1, 0.2], [0.9, 0.8], 0.0, 1.0),
        ([0.5], [0.5], 0.5, 1.0),
        ([0.9, 0.3], [0.4, 0.1], 0.75, 0.5),
    ],
)
def test_area_and_equal_error(
    live: list[float], attacks: list[float], area: float, equal: float
) -> None:
    assert auc(live, attacks) == pytest.approx(area)
    assert eer(live, attacks) == pytest.approx(equal)


@pytest.mark.parametrize("movement", PROVING)
def test_a_movement_is_found_in_a_clip_as_what_it_is(movement: Movement) -> None:
    draw = np.random.default_rng(3)
    found = [turns(head(movement, draw, asked=2.0)) for _ in range(12)]
    kinds_found = {turn.movement for one in found for turn in one}
    assert kinds_found == {movement}
    assert sum(len(one) == 1 for one in found) >= 9


def test_nothing_is_found_where_nobody_moves() -> None:
    draw = np.random.default_rng(4)
    still = head(Movement.NOD, draw, asked=30.0)
    calm = type(still)(still.name, tuple(one for one in still.shown if one.at < 30), still.picture)
    assert turns(calm) == ()


def test_made_heads_meet_what_is_asked_and_nothing_else() -> None:
    draw, rules = np.random.default_rng(5), LivenessRules()
    met = other = 0
    for movement in PROVING:
        for _ in range(12):
            take = head(movement, draw)
            met += any(one.alive for one in play(take, Liveness.CHALLENGE, movement, rules)[:1])
            wrong = [asked for asked in PROVING if asked is not movement]
            told = [play(take, Liveness.CHALLENGE, asked, rules) for asked in wrong]
            other += sum(one.alive for verdicts in told for one in verdicts)
    assert met >= 21
    assert other == 0


def _frames(kind: Kind, seed: int) -> list[np.ndarray]:
    draw = np.random.default_rng(9)
    face = draw.integers(0, 255, (60, 80, 3), dtype=np.uint8)
    behind = np.full((60, 80, 3), 200, np.uint8)
    made = attack(kind, [face], Movement.TURN_LEFT, behind, seed)
    return [frame for _, frame in made]


def test_the_same_seed_makes_the_same_attack_and_another_one_another() -> None:
    kind = Kind(Medium.SCREEN, Motion.TILT, hidden=True)
    one, same, other = _frames(kind, 1), _frames(kind, 1), _frames(kind, 2)
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one[0], other[0])
    assert {frame.shape for frame in one} == {(60, 80, 3)}


def test_hidden_edges_show_nothing_of_what_is_behind() -> None:
    """What is behind is bright and flat; the corners of a hidden attack are neither."""
    for kind in (each for each in KINDS if each.motion is not Motion.PLAY):
        corners = np.stack([frame[:6, :6] for frame in _frames(kind, 1)]).astype(float)
        assert bool(corners.std() > 12) is kind.hidden, kind.name


def test_the_kinds_that_limits_were_chosen_on_are_not_reported() -> None:
    fits = {kind.name for kind in KINDS if kind.fits}
    reported = {kind.name for kind in KINDS if not kind.fits}
    assert len(fits) == 4
    assert not fits & reported
    assert {kind.motion for kind in KINDS if not kind.fits and kind.hidden} == set(Motion)
