"""A view that looks for plates, through vision's own eye: painted cars, the shipped networks."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from config.settings import Camera, Recognition, Settings
from config.weights import weight_files
from edge import wire
from edge.cameras.watch import Watch
from edge.demo.plate_paint import painted
from edge.demo.plate_view import placed, tilted
from edge.latest import Latest
from edge.vision_engines import Engines, PlateWish, load_engines, plate_wish
from edge.vision_eye import Eye, plate_views_of, views_of
from models.frame import Frame
from models.lane import Direction
from models.plate import Band, PlateKind
from recognition.face import Pixels
from tests.fakes.no_pictures import NoPictures
from tests.fakes.relays import ManualClock

TEXT = "京A12345"
LANE = {
    "number": 4,
    "name": "车行",
    "kind": "vehicle",
    "relay": "gate-4",
    "drive": "pulse",
    "vehicle": ["loop"],
    "credentials": ["plate", "pass"],
    "view": [{"camera": "road", "looks": ["plate", "code"], "roi": [0.0, 0.2, 1.0, 1.0]}],
}


def settings(**more: object) -> Settings:
    return Settings(
        site={"compound": "00112233"},
        camera=[{"id": "road", "source": "kiosk"}],
        relay=[{"name": "gate-4"}],
        lane=[{**LANE, **more}],
    )  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def engines() -> Engines:
    return load_engines(Recognition(), plates=PlateWish())


def eye_of(site: Settings, clock: ManualClock, engines: Engines) -> Iterator[Eye]:
    watch = Watch("road", NoPictures, Latest(), clock=clock, share=lambda: 0.5, patience=1.0)
    camera = Camera(id="road", source="kiosk")
    eye = Eye(camera, views_of(site, "road"), watch, clock, plates=plate_views_of(site, "road"))
    eye.use_engines(engines)
    yield eye
    watch.stop()


def road(height: float) -> Pixels:
    """A car's front with its plate `height` pixels from the top of 640 x 480."""
    scene = np.full((480, 640, 3), (88, 92, 96), np.uint8)
    cv2.rectangle(scene, (120, 20), (520, int(height) + 40), (150, 148, 146), -1)
    return placed(scene, painted(TEXT, PlateKind.ORDINARY), tilted((320, height), 180))


def watched(
    eye: Eye, clock: ManualClock, heights: list[float]
) -> list[tuple[float, wire.SawPlate]]:
    said = []
    for number, height in enumerate(heights):
        clock.advance(0.2)
        for one in eye.look(Frame("road", number, clock() - 0.05, road(height))):
            assert isinstance(one, wire.SawPlate)
            said.append((clock(), one))
    return said


def test_a_car_that_comes_is_told_at_once_and_again_while_it_stands_there(engines: Engines) -> None:
    clock, site = ManualClock(), settings()
    for eye in eye_of(site, clock, engines):
        said = watched(eye, clock, [220.0 + 12 * min(n, 6) for n in range(14)])
        first = said[0][1]
        assert (first.seen.reading.text, first.seen.reading.band) == (TEXT, Band.ACCEPT)
        assert (first.seen.at.lane, first.seen.at.direction) == (4, Direction.ENTRY)
        assert first.crop.startswith(b"\xff\xd8")
        assert first.seen.at.captured == pytest.approx(said[0][0] - 0.05)
        gaps = [later - earlier for (earlier, _), (later, _) in pairwise(said)]
        assert len(said) >= 2
        assert all(gap >= 0.99 for gap in gaps)


def test_a_plate_outside_of_the_lanes_part_of_the_picture_is_not_its(engines: Engines) -> None:
    clock, site = ManualClock(), settings()
    for eye in eye_of(site, clock, engines):
        assert watched(eye, clock, [50.0] * 6) == []


def test_without_plate_weights_the_other_looks_stay_on(tmp_path: Path) -> None:
    recognition = Recognition(weights=tmp_path)
    found = load_engines(recognition, partial(weight_files), plates=plate_wish(settings()))
    assert found.faces is not None
    assert found.codes is not None
    assert found.plates is None
    assert not found.complete
    (fault,) = found.faults
    assert fault.startswith("plates are off")
    clock = ManualClock()
    for eye in eye_of(settings(), clock, found):
        assert watched(eye, clock, [220.0] * 4) == []


def test_a_site_without_such_a_view_loads_no_plate_engine() -> None:
    site = settings(view=[{"camera": "road", "looks": ["code"]}])
    assert plate_wish(site) is None
    assert plate_views_of(site, "road") == ()
