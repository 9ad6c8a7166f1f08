"""The motion gate: light, noise and flicker wake nobody; a person does; nobody is forgotten."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.face import Pixels
from recognition.motion import LOOK_ANYWAY, RATE, SAVED, Motion, gate

_FPS = 15


def _scene(seed: int = 1) -> Pixels:
    """Return a frame of patches between 30 and 200."""
    draw = np.random.default_rng(seed)
    patches = np.kron(draw.integers(30, 200, (9, 16)), np.ones((32, 32)))
    return np.repeat(patches[:, :, None], 3, axis=2).astype(np.uint8)


def _noisy(frame: Pixels, sigma: float, seed: int) -> Pixels:
    draw = np.random.default_rng(seed)
    return np.clip(frame + draw.normal(0, sigma, frame.shape), 0, 255).astype(np.uint8)


def _with_person(frame: Pixels, level: int = 230, x: int = 240) -> Pixels:
    entered = frame.copy()
    entered[96:240, x : x + 64] = level
    return entered


def _looks(frames: list[Pixels], *, busy: bool = False, fps: float = _FPS) -> list[bool]:
    motion, looks = Motion(), []
    for number, frame in enumerate(frames):
        motion, look = gate(motion, frame, 100 + number / fps, busy=busy)
        looks.append(look)
    return looks


def _rested(looks: list[bool]) -> float:
    """Return looks a second once the first picture's second has passed."""
    after = looks[2 * _FPS :]
    return sum(after) / len(after) * _FPS


def test_dusk_wakes_nobody() -> None:
    scene = _scene().astype(np.float32)
    frames = [(scene * (1 - number / 300)).astype(np.uint8) for number in range(150)]
    assert _rested(_looks(frames)) <= 1.3


def test_a_lamp_that_flickers_wakes_nobody() -> None:
    scene = _scene().astype(np.float32)
    frames = [(scene * (1.0 if number % 2 else 0.88)).astype(np.uint8) for number in range(90)]
    assert _rested(_looks(frames)) <= 1.3


@pytest.mark.parametrize("sigma", [4, 15, 40])
def test_noise_in_the_dark_wakes_nobody(sigma: float) -> None:
    dark = (_scene() / 8).astype(np.uint8) + np.uint8(40)
    frames = [_noisy(dark, sigma, seed) for seed in range(50)]
    assert _rested(_looks(frames)) <= 1.5


def test_a_lamp_that_comes_on_opens_it_for_a_second() -> None:
    dim = (_scene() / 4).astype(np.uint8)
    frames = [dim] * 40 + [_scene()] * 60
    looks = _looks(frames)
    assert not any(looks[31:40])
    assert all(looks[40:55])
    assert sum(looks[60:]) <= 4


@pytest.mark.parametrize("light", [0.3, 1.0])
@pytest.mark.parametrize("sigma", [0, 6])
def test_somebody_who_comes_in_opens_it_at_once(light: float, sigma: float) -> None:
    empty = (_scene() * light).astype(np.uint8)
    person = (_with_person(_scene()) * light).astype(np.uint8)
    frames = [_noisy(empty, sigma, seed) for seed in range(35)]
    frames += [_noisy(person, sigma, seed) for seed in range(100, 105)]
    looks = _looks(frames)
    assert looks[35:] == [True] * 5


def test_somebody_who_comes_in_as_the_light_changes_opens_it() -> None:
    frames = [_scene()] * 35 + [(_with_person(_scene()) * 0.9).astype(np.uint8)]
    assert _looks(frames)[-1]


def test_somebody_who_fills_the_picture_opens_it() -> None:
    close = _scene()
    close[:, 48:] = 150
    assert _looks([_scene()] * 35 + [close])[-1]


def test_somebody_who_stands_still_is_looked_at_once_a_second() -> None:
    looks = _looks([_with_person(_scene())] * 150)
    seen = [number / _FPS for number, look in enumerate(looks) if look][_FPS + 1 :]
    assert len(seen) >= 7
    assert all(b - a <= LOOK_ANYWAY + 1.5 / _FPS for a, b in itertools.pairwise(seen))


def test_whoever_comes_is_looked_at_on_every_frame_and_whoever_stays_less_often() -> None:
    looks = _looks([_scene()] * 400, busy=True, fps=25)
    assert all(looks[: int(SAVED)])
    assert sum(looks[150:]) == pytest.approx(10 * RATE, abs=2)


def test_looks_are_saved_up_again_while_nobody_is_there() -> None:
    motion = Motion()
    for number in range(200):
        motion, _ = gate(motion, _scene(), number / 25, busy=True)
    motion, look = gate(motion, _scene(), 60.0, busy=True)
    assert look
    assert motion.saved == SAVED - 1


def test_a_picture_of_another_size_is_looked_at() -> None:
    motion, _ = gate(Motion(), _scene(), 0.0, busy=False)
    motion, _ = gate(motion, _scene(), 1.5, busy=False)
    motion, _ = gate(motion, _scene(), 2.6, busy=False)
    _, look = gate(motion, _scene()[:144], 2.7, busy=False)
    assert look


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 2), st.booleans(), st.booleans()), min_size=1, max_size=80),
    st.floats(0, 1e6),
)
def test_looks_are_bounded_and_no_second_goes_without(
    steps: list[tuple[float, bool, bool]], start: float
) -> None:
    still, moving = np.zeros((32, 32, 3), np.uint8), np.full((32, 32, 3), 255, np.uint8)
    motion, now, looks = Motion(), start, []
    for step, busy, change in steps:
        now += step
        motion, look = gate(motion, moving if change else still, now, busy=busy)
        if look:
            looks.append(now)
        assert now - looks[-1] < LOOK_ANYWAY
    assert len(looks) <= SAVED + RATE * (now - start) + len(looks) * 1e-6 + 1
