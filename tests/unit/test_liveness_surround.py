"""The surround: it stays behind people and moves along with sheets; a hidden scene is noticed."""

import numpy as np
import pytest

from models.lane import Direction, Liveness
from models.movement import Movement
from recognition.challenge import Challenge, Ending, step
from recognition.face import Box, Face, Pixels
from recognition.fr_liveness import surround
from recognition.life import Life, Watched, level_of
from recognition.liveness import Proven
from recognition.movement import pose
from recognition.parallax import apart, still, tells
from recognition.scene import Scene, is_hidden, remember
from recognition.track import Track
from recognition.verdict import Sighted
from recognition.view import Look, View
from tests.fakes.heads import HEAD, PRINT, doing, first, seen
from tests.fakes.heads import View as Lane


def _texture(seed: int) -> Pixels:
    draw = np.random.default_rng(seed)
    coarse = draw.integers(30, 220, (48, 64, 3), dtype=np.uint8)
    return np.repeat(np.repeat(coarse, 10, axis=0), 10, axis=1)


def _placed(face: Face) -> Face:
    """Return the face in the middle of a 640 x 480 picture, at a third of its size."""
    one, two, three, four, five = (
        (320 + (x - 320) / 3, 240 + (y - 320) / 3) for x, y in face.points
    )
    box = Box(320 + (face.box.x - 320) / 3, 240 + (face.box.y - 320) / 3, 60, 60)
    return Face(box, (one, two, three, four, five), 0.9)


def _grown(picture: Pixels, times: float) -> Pixels:
    rows = np.clip((np.arange(480) - 240) / times + 240, 0, 479).astype(int)
    columns = np.clip((np.arange(640) - 320) / times + 320, 0, 639).astype(int)
    return picture[rows][:, columns]


def _difference(before: Pixels, after: Pixels, nearer: float) -> float | None:
    near, far = _placed(seen(HEAD, nearer=nearer)), _placed(seen(HEAD))
    rest, now = pose(far, 0.0), pose(near, 1.0)
    assert rest is not None
    assert now is not None
    return apart(still(before, rest), still(after, now))


def test_behind_a_person_the_surround_stays() -> None:
    scene = _texture(1)
    difference = _difference(scene, scene, 1.4)
    assert difference is not None
    assert difference > 0.5


def test_a_sheet_takes_its_surround_along() -> None:
    scene = _texture(1)
    difference = _difference(scene, _grown(scene, 1.4), 1.4)
    assert difference is not None
    assert difference < -0.3


def test_a_blank_wall_and_a_still_face_tell_nothing() -> None:
    wall = np.full((480, 640, 3), 128, np.uint8)
    assert _difference(wall, wall, 1.4) is None
    assert _difference(_texture(1), _texture(1), 1.0) is None
    held = pose(_placed(seen(HEAD)), 0.0)
    assert held is not None
    assert tells(still(_texture(1), held))
    assert not tells(still(wall, held))


@pytest.mark.parametrize(
    ("difference", "ending"), [(0.6, Ending.MOVED), (-0.6, Ending.FLAT), (None, Ending.FLAT)]
)
def test_coming_closer_counts_only_before_what_stays(
    difference: float | None, ending: Ending
) -> None:
    rest = pose(seen(PRINT), 0.0)
    assert rest is not None
    challenge = Challenge(Movement.CLOSER, 0.0, rest)
    rules = Lane(Liveness.CHALLENGE).rules.challenge
    for since, face in doing(PRINT, Movement.CLOSER, 45.0):
        held = pose(face, since)
        assert held is not None
        challenge = step(challenge, held, difference, rules)
    assert challenge.ending is ending


def test_a_turn_on_a_sheet_that_moves_along_is_flat() -> None:
    rules = Lane(Liveness.CHALLENGE).rules.challenge
    rest = pose(seen(HEAD), 0.0)
    assert rest is not None
    endings = []
    for difference in (None, 0.4, -0.6):
        challenge = Challenge(Movement.TURN_LEFT, 0.0, rest)
        for since, face in doing(HEAD, Movement.TURN_LEFT, 38.0):
            held = pose(face, since)
            assert held is not None
            challenge = step(challenge, held, difference, rules)
        endings.append(challenge.ending)
    assert endings == [Ending.MOVED, Ending.MOVED, Ending.FLAT]


def test_another_scene_around_a_face_is_noticed_and_more_light_is_not() -> None:
    own, other = _texture(1), _texture(2)
    face = Box(280, 200, 80, 90)
    scene = Scene()
    assert is_hidden(scene, own, [face]) is None
    for _ in range(3):
        scene = remember(scene, own)
    assert is_hidden(scene, own, [face]) is False
    assert is_hidden(scene, (own * 0.6).astype(np.uint8), [face]) is False
    assert is_hidden(scene, other, [face]) is True
    assert is_hidden(scene, other, [Box(100, 0, 440, 480)]) is None
    assert is_hidden(scene, other[:, :320], [face]) is None


def test_a_scene_that_changed_for_good_is_learnt() -> None:
    scene = Scene()
    for picture in [_texture(1)] * 5 + [_texture(2)] * 12:
        scene = remember(scene, picture)
    assert is_hidden(scene, _texture(2), [Box(280, 200, 80, 90)]) is False


def test_what_the_network_is_shown_stays_inside_the_picture() -> None:
    for box in (Box(0, 0, 50, 60), Box(600, 440, 80, 90), Box(-30, -30, 700, 600), Box(5, 5, 0, 0)):
        left, top, right, bottom = surround(box, 640, 480)
        assert 0 <= left < right <= 640
        assert 0 <= top < bottom <= 480
    assert surround(Box(270, 200, 100, 100), 640, 480) == (185, 115, 455, 385)


class _Rater:
    """Finds alive what is blue."""

    name = "blue:000000000000"

    def rate(self, bgr: Pixels, box: Box) -> float:
        """Return how blue the middle of the box is."""
        x, y = box.centre
        return float(bgr[int(y), int(x), 0]) / 255


@pytest.mark.parametrize(("direction", "level"), [("entry", "challenge"), ("exit", "passive")])
def test_on_the_way_out_nobody_is_made_to_move(direction: str, level: str) -> None:
    view = View(1, Direction(direction), frozenset({Look.FACE}), liveness=Liveness.CHALLENGE)
    life = Life(_Rater(), lambda: Movement.NOD)
    blue = np.full((480, 640, 3), (250, 90, 90), np.uint8)
    told = []
    for number in range(12):
        at, face = number / 10, _placed(seen(HEAD))
        said = (Sighted("r1", None, 0.8, 1, 1, at, face),)
        watched = Watched(blue, at, (Track(1, face, at),), said, frozenset({1}))
        told += life.look(view, watched)
    assert level_of(view) == level
    proven = [one for one in told if isinstance(one, Proven)]
    assert bool(proven) is (direction == "exit")


def test_without_a_rater_no_face_is_ever_alive() -> None:
    view = View(1, Direction.ENTRY, frozenset({Look.FACE}), liveness=Liveness.PASSIVE)
    life = Life(None, lambda: Movement.NOD)
    grey = np.full((480, 640, 3), 90, np.uint8)
    for number in range(40):
        at, face = number / 10, _placed(seen(HEAD))
        said = (Sighted("r1", None, 0.8, 1, 1, at, face),)
        watched = Watched(grey, at, (Track(1, face, at),), said, frozenset({1}))
        assert life.look(view, watched) == ()


def test_a_print_before_a_surround_that_stays_meets_no_turn() -> None:
    told = Lane(Liveness.CHALLENGE).show(doing(PRINT, Movement.NOD, 30.0), Movement.NOD)
    assert first(told) is None
