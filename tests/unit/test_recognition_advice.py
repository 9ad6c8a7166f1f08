"""A face that cannot be compared is told what to do once that has lasted, and when it is over."""

from dataclasses import replace

import numpy as np
import pytest

from models.advice import Advice
from models.lane import Direction
from models.movement import Movement, Prompt
from models.observation import Sighting
from models.template import Gallery
from recognition.advice import AdviceRules, Trouble, advise, trouble_of
from recognition.face import Box, Pixels
from recognition.gallery import Matcher
from recognition.look import Looker, LookRules
from recognition.quality import Quality
from recognition.view import Look, View
from tests.fakes.painted_faces import PaintedFaces, paint

_RULES = AdviceRules()
_GOOD = Quality(100, 0.2, 120, 40, 0.05, 0.0, 0.95)


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({}, None),
        ({"width": 59}, Advice.COME_NEARER),
        ({"width": 37}, Advice.COME_NEARER),
        ({"width": 35}, None),
        ({"turn": 0.51}, Advice.LOOK_HERE),
        ({"sharpness": 0.005}, Advice.HOLD_STILL),
        ({"light": 20}, Advice.MORE_LIGHT),
        ({"contrast": 5}, Advice.MORE_LIGHT),
        ({"burnt": 0.4}, Advice.LESS_LIGHT),
    ],
)
def test_each_trouble_has_something_to_do(change: dict[str, float], advice: Advice | None) -> None:
    assert trouble_of(replace(_GOOD, **change), 60, _RULES) is advice


def test_what_is_said_is_what_the_look_itself_calls_poor() -> None:
    look = LookRules()
    assert (look.most_turn, look.least_sharpness) == (_RULES.turn, _RULES.sharpness)


def _told(*frames: tuple[float, Advice | None]) -> list[tuple[float, Advice | None]]:
    trouble, told = Trouble(), []
    for captured, what in frames:
        trouble, say, new = advise(trouble, what, captured, _RULES)
        if new:
            told.append((captured, say))
    return told


def test_it_is_said_once_after_a_second_and_taken_back_when_it_is_over() -> None:
    near = Advice.COME_NEARER
    frames = [(10 + number / 10, near) for number in range(30)]
    assert _told(*frames, (13.0, None), (13.1, None)) == [(11.0, near), (13.0, None)]


def test_a_passing_trouble_is_not_said() -> None:
    frames = [(10 + number / 10, Advice.HOLD_STILL) for number in range(9)]
    assert _told(*frames, (10.9, None), (11.0, Advice.HOLD_STILL), (11.2, None)) == []


def test_another_trouble_takes_back_the_first_and_needs_its_own_second() -> None:
    frames = [(10.0, Advice.LOOK_HERE), (11.0, Advice.LOOK_HERE), (11.1, Advice.HOLD_STILL)]
    assert _told(*frames, (12.0, Advice.HOLD_STILL), (12.1, Advice.HOLD_STILL)) == [
        (11.0, Advice.LOOK_HERE),
        (11.1, None),
        (12.1, Advice.HOLD_STILL),
    ]


def test_a_camera_that_began_again_begins_anew() -> None:
    assert _told((10.0, Advice.LOOK_HERE), (2.0, Advice.LOOK_HERE), (2.5, Advice.LOOK_HERE)) == []


_VIEW = View(3, Direction.ENTRY, frozenset({Look.FACE}))


def _picture(width: int | None) -> Pixels:
    picture = np.zeros((480, 640, 3), np.uint8)
    if width is not None:
        paint(picture, 1, Box(200, 100, width, round(width * 1.2)))
    return picture


def test_a_lane_is_told_to_ask_somebody_nearer_and_to_stop_asking() -> None:
    looker = Looker("cam-1", (_VIEW,), PaintedFaces(), None, LookRules(motion_gate=False))
    looker.use(Matcher(Gallery(1, ()), PaintedFaces.engine, PaintedFaces.impostors))
    asked = [
        (number, one)
        for number, width in enumerate([50] * 15 + [None] * 3)
        for one in looker.look(_picture(width), 100 + number / 10)
    ]
    at = Sighting(3, Direction.ENTRY, 101.0, "cam-1")
    gone = Sighting(3, Direction.ENTRY, 101.5, "cam-1")
    assert asked == [
        (10, Prompt(at, 0, None, Advice.COME_NEARER)),
        (15, Prompt(gone, 0, None)),
    ]
    assert [one.asks for _, one in asked if isinstance(one, Prompt)] == [Advice.COME_NEARER, None]


def test_a_movement_is_asked_before_any_advice() -> None:
    at = Sighting(3, Direction.ENTRY, 101.0, "cam-1")
    assert Prompt(at, 1, Movement.NOD).asks is Movement.NOD
