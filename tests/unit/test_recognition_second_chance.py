"""Codes in bad light get a second chance; what does not look like a code costs nothing more."""

import numpy as np
import pytest

from models.errors import RecogniserFault
from recognition.face import Pixels
from recognition.finders import finders
from recognition.picture_health import (
    CodeLight,
    Unread,
    UnreadRules,
    advice,
    light_of,
    unread,
)
from recognition.ports import CodeRead
from recognition.second_chance import Budget, SecondChance
from recognition.zxing_codes import ZxingCodes
from tests.fakes.hard_codes import HIGH, WIDE, dazzled, drawn, ground, hard_frame, held_up

_SEEDS = range(700, 712)


class Ticking:
    """A clock that moves by `step` seconds at every look at it."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self._step = 100.0, step

    def __call__(self) -> float:
        self.now += self._step
        return self.now


class Blind:
    """A reader that reads nothing, and remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[Pixels] = []

    def read(self, pixels: Pixels) -> tuple[CodeRead, ...]:
        self.shown.append(pixels)
        return ()


def _read(frame: Pixels, missed: list[CodeLight | None] | None = None) -> tuple[CodeRead, ...]:
    tell = (lambda _: None) if missed is None else missed.append
    return SecondChance(ZxingCodes(), lambda: 0.0, tell).read(frame)


def _empty(seed: int) -> Pixels:
    return np.repeat(ground(np.random.default_rng(seed))[:, :, None], 3, axis=2)


def _placed(side: int = 250) -> Pixels:
    """Return a frame with an upright code whose top left corner is at 300, 150."""
    frame = np.full((HIGH, WIDE), 120, np.uint8)
    frame[150 : 150 + side, 300 : 300 + side] = drawn("KH1:" + "A1B2C3" * 20, side)
    return frame


# Finders.


def test_the_three_finders_of_a_code_are_found_where_they_are() -> None:
    found = finders(_placed(265))
    module = 265 / 49
    for column, row in ((7.5, 7.5), (41.5, 7.5), (7.5, 41.5)):
        x, y = 300 + column * module, 150 + row * module
        near = [one for one in found if abs(one.x - x) < module and abs(one.y - y) < 1.5 * module]
        assert near, (x, y)
        assert all(one.unit == pytest.approx(module, rel=0.2) for one in near)
    assert len({(one.x > 430, one.y > 280) for one in found}) == 3


@pytest.mark.parametrize("kind", ["dark", "glare"])
def test_most_codes_in_bad_light_show_a_finder(kind: str) -> None:
    shown = [bool(finders(hard_frame(kind, seed).pixels[:, :, 1])) for seed in _SEEDS]
    assert sum(shown) >= 10


def test_next_to_no_picture_without_a_code_shows_one() -> None:
    shown = [bool(finders(ground(np.random.default_rng(seed)))) for seed in range(12)]
    assert sum(shown) <= 2


@pytest.mark.parametrize("shape", [(1, 1), (9, 9), (1, 500), (500, 1), (11, 11), (17, 4000)])
def test_pictures_of_any_shape_are_searched(shape: tuple[int, int]) -> None:
    draw = np.random.default_rng(sum(shape))
    for picture in (np.zeros(shape, np.uint8), draw.integers(0, 255, shape).astype(np.uint8)):
        assert len(finders(picture)) <= 64


def test_a_wall_of_finders_is_not_counted_for_ever() -> None:
    corner = np.kron(drawn("A", 290)[40:110, 40:110] // 255, np.ones((1, 1), np.uint8)) * 255
    wall = np.tile(np.pad(corner, 15, constant_values=255), (12, 20)).astype(np.uint8)
    assert len(finders(wall)) == 64


# The chance.


@pytest.mark.parametrize(("kind", "more"), [("dark", 2), ("glare", 1)])
def test_more_is_read_in_bad_light_than_by_the_bare_reader(kind: str, more: int) -> None:
    bare, wrong, chance = 0, 0, 0
    for seed in _SEEDS:
        hard = hard_frame(kind, seed)
        bare += hard.text in {code.text for code in ZxingCodes().read(hard.pixels)}
        texts = {code.text for code in _read(hard.pixels)}
        chance += hard.text in texts
        wrong += bool(texts - {hard.text})
    assert wrong == 0
    assert chance >= bare + more


def test_the_corners_of_a_code_read_at_the_second_try_are_the_pictures() -> None:
    class OnlyLarge:
        """Reads only pictures with more than a code's own size, as a part enlarged has."""

        def read(self, pixels: Pixels) -> tuple[CodeRead, ...]:
            return ZxingCodes().read(pixels) if pixels.shape != (HIGH, WIDE) else ()

    frame = _placed()
    (plain,) = ZxingCodes().read(frame)
    (again,) = SecondChance(OnlyLarge(), lambda: 0.0).read(frame)
    assert again.text == plain.text
    assert np.array(again.corners) == pytest.approx(np.array(plain.corners), abs=4)


def test_a_picture_without_a_code_is_read_once() -> None:
    reader = Blind()
    chance = SecondChance(reader, lambda: 0.0)
    for seed in range(20, 30):
        chance.read(_empty(seed))
    assert len(reader.shown) <= 13


def test_second_chances_take_no_more_than_their_share_of_the_time() -> None:
    reader, clock = Blind(), Ticking(0.01)
    chance = SecondChance(reader, clock, budget=Budget(share=0.2, burst=0.1))
    frame = _placed()
    begun = clock.now
    for _ in range(80):
        chance.read(frame)
        clock.now += 0.03
    tries = len(reader.shown) - 80
    assert 0 < tries * 0.01 <= 0.1 + 0.2 * (clock.now - begun) + 0.01


def test_an_idle_minute_saves_no_more_than_the_burst() -> None:
    reader, clock = Blind(), Ticking(0.01)
    chance = SecondChance(reader, clock, budget=Budget(share=0.001, burst=0.05))
    clock.now += 3600
    for _ in range(10):
        chance.read(_placed())
    assert 1 <= len(reader.shown) - 10 <= 6


def test_a_clock_that_goes_back_earns_nothing() -> None:
    reader, clock = Blind(), Ticking(0.02)
    chance = SecondChance(reader, clock, budget=Budget(share=0.2, burst=0.05))
    for _ in range(10):
        chance.read(_placed())
        clock.now -= 5
    assert len(reader.shown) - 10 <= 5


def test_what_is_tried_again_is_bounded_in_a_huge_picture() -> None:
    reader = Blind()
    frame = np.tile(_placed(), (5, 5))
    SecondChance(reader, lambda: 0.0).read(frame)
    assert len(reader.shown) > 1
    assert max(picture.size for picture in reader.shown[1:]) <= 4_000_000


def test_a_reader_that_breaks_says_so() -> None:
    class Broken:
        def read(self, pixels: Pixels) -> tuple[CodeRead, ...]:
            message = f"broke on {pixels.shape}"
            raise RecogniserFault(message, part="codes", advice="")

    with pytest.raises(RecogniserFault, match="broke on"):
        SecondChance(Broken(), lambda: 0.0).read(_placed())


# Light.


def _lost(seed: int) -> Pixels:
    """Return a frame whose code is drowned in light for the most part."""
    draw = np.random.default_rng(seed)
    frame = held_up(draw, "KH1:" + "LOST" * 30)
    bright = dazzled(draw, frame)
    bright[HIGH // 2 :, :, :] = 255
    return bright


def test_codes_that_glare_or_the_dark_kept_from_being_read_are_told() -> None:
    missed: list[CodeLight | None] = []
    for seed in range(800, 806):
        _read(_lost(seed), missed)
    assert missed
    assert set(missed) == {CodeLight.GLARE}
    told: list[CodeLight | None] = []
    for seed in range(800, 806):
        frame = (held_up(np.random.default_rng(seed), "KH1:" + "X" * 150) // 4).astype(np.uint8)
        SecondChance(Blind(), lambda: 0.0, told.append).read(frame)
    assert told
    assert set(told) == {CodeLight.DARK}


def test_a_code_in_good_light_says_nothing_of_the_light() -> None:
    assert light_of(_placed(), 5.4) is None
    for seed in range(3):
        assert light_of(held_up(np.random.default_rng(seed), "KH1:" + "X" * 150), 5.0) is None


_RULES = UnreadRules(least=3, within=60, stands=900)


def _remembered(*looks: tuple[CodeLight | None, float]) -> Unread:
    memory = Unread()
    for light, at in looks:
        memory = unread(memory, light, at, _RULES)
    return memory


def test_advice_takes_several_looks_in_the_same_light() -> None:
    glare = [(CodeLight.GLARE, at) for at in (0.0, 1.0, 2.0)]
    assert advice(2.0, _remembered(*glare[:2]), _RULES) is None
    assert advice(2.0, _remembered(*glare), _RULES) is CodeLight.GLARE
    assert advice(2.0, _remembered(*glare[:2], (CodeLight.DARK, 2.0)), _RULES) is None
    assert advice(2.0, _remembered(*glare[:2], (None, 1.5), glare[2]), _RULES) is CodeLight.GLARE


def test_advice_needs_them_within_a_minute_and_stands_for_a_while() -> None:
    apart = _remembered(*((CodeLight.DARK, at) for at in (0.0, 50.0, 100.0)))
    assert advice(100.0, apart, _RULES) is None
    close = _remembered(*((CodeLight.DARK, at) for at in (0.0, 30.0, 60.0)))
    assert advice(960.0, close, _RULES) is CodeLight.DARK
    assert advice(961.0, close, _RULES) is None
