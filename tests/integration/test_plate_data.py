"""Plates on the evaluation pictures. Part of data/plates was seen when thresholds were chosen."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import Recognition
from edge.cameras.picture_file import read_picture
from edge.eval.line import flat
from edge.eval.plates import score
from edge.plate_engine import load_plates
from models.errors import CameraFault
from models.plate import Band
from tests.fakes.data import need

_SEEN = "partly seen in tuning"
_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Return a printer whose lines are seen also when the test passes."""

    def line(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{text}\n")

    return line


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_the_labelled_plates_are_read_and_no_wrong_one_is_accepted(
    say: Callable[[str], None],
) -> None:
    figures = flat(score(need("plates"), Recognition(), lambda _: None).figures)
    say(f"data/plates, {_SEEN}: {figures}")
    floors = {
        "scene_exact": 0.957,
        "scene_exact_largest": 0.95,
        "crop_exact": 0.96,
        "accepted": 0.80,
        "crop_accepted": 0.85,
    }
    missed = {
        key: figures[key] for key, floor in floors.items() if not _at_least(figures[key], floor)
    }
    assert missed == {}
    assert (figures["accepted_wrong"], figures["crop_accepted_wrong"]) == (0, 0)


def _at_least(figure: float | str | None, floor: float) -> bool:
    return isinstance(figure, int | float) and figure >= floor


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", ["qr", "facecount", "faces"])
def test_nothing_is_accepted_where_no_plate_is(say: Callable[[str], None], part: str) -> None:
    eye = load_plates()
    looked = valid = accepted = 0
    for path in _pictures(need(part)):
        try:
            plates = eye.look(read_picture(path))
        except CameraFault:
            continue
        looked += 1
        valid += sum(bool(plate.reading.text) for plate in plates)
        accepted += sum(plate.reading.band is Band.ACCEPT for plate in plates)
    say(f"data/{part}: {looked} pictures, {valid} texts that could be plates, {accepted} accepted")
    assert looked > 0
    assert accepted == 0


def _pictures(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in _PICTURES]
