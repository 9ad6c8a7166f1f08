"""A look turns pictures into words: on painted faces and real codes."""

import numpy as np
import qrcode
from PIL import Image

from models.lane import Direction
from models.observation import FaceFault, FaceSeen, PassShown
from models.template import Gallery, Template
from recognition.face import Box, Face, Pixels
from recognition.gallery import Matcher
from recognition.look import Looker, LookRules, Seen
from recognition.view import Look, Region, View
from recognition.zxing_codes import ZxingCodes
from tests.fakes.painted_faces import PaintedFaces, paint, vector_of

_BOTH = frozenset(Look)
_FACE, _CODE = frozenset({Look.FACE}), frozenset({Look.CODE})


def _matcher(*people: int) -> Matcher:
    rows = tuple(
        (
            f"r{one}",
            f"1-1-{one}",
            Template(PaintedFaces.engine, vector_of(one).tobytes()),
        )
        for one in people
    )
    return Matcher(Gallery(3, rows), PaintedFaces.engine, PaintedFaces.impostors)


def _looker(*views: View, gallery: bool = True, rules: LookRules | None = None) -> Looker:
    looker = Looker("cam-1", views, PaintedFaces(), ZxingCodes(), rules)
    if gallery:
        looker.use(_matcher(1, 2))
    return looker


def _scene(*people: tuple[int, Box]) -> Pixels:
    picture = np.zeros((480, 640, 3), np.uint8)
    for person, box in people:
        paint(picture, person, box)
    return picture


def _with_code(text: str, x: int, y: int) -> Pixels:
    drawn = qrcode.make(text, box_size=4).get_image().convert("RGB")
    picture = np.full((480, 640, 3), 90, np.uint8)
    code = np.asarray(drawn.resize((200, 200), Image.Resampling.NEAREST))
    picture[y : y + 200, x : x + 200] = code
    return picture


def _look(looker: Looker, picture: Pixels, times: int, start: float = 100.0) -> list[Seen]:
    ticks = (round(start + tick / 10, 3) for tick in range(times))
    return [seen for captured in ticks for seen in looker.look(picture, captured)]


def test_a_resident_is_named_at_the_lane_of_the_view() -> None:
    looker = _looker(View(4, Direction.EXIT, _BOTH))
    (seen,) = _look(looker, _scene((1, Box(200, 100, 120, 140))), 3)
    assert isinstance(seen.observation, FaceSeen)
    assert seen.observation.resident == "r1"
    assert seen.observation.gallery == 3
    at = seen.observation.at
    assert (at.lane, at.direction, at.camera, at.captured) == (4, Direction.EXIT, "cam-1", 100.2)
    assert seen.jpeg.startswith(b"\xff\xd8")
    assert len(seen.jpeg) <= 40_000


def test_a_stranger_is_refused_and_a_passer_by_far_away_is_nothing() -> None:
    looker = _looker(View(1, Direction.ENTRY, _BOTH))
    near, far = (50, Box(100, 100, 120, 140)), (60, Box(500, 100, 55, 66))
    (seen,) = _look(looker, _scene(near, far), 30)
    assert isinstance(seen.observation, FaceSeen)
    assert seen.observation.fault is FaceFault.UNKNOWN


def test_a_lane_may_ask_for_nearer_faces() -> None:
    scene = _scene((1, Box(100, 100, 90, 100)))
    assert len(_look(_looker(View(1, Direction.ENTRY, _FACE, min_face=80)), scene, 5)) == 1
    assert _look(_looker(View(1, Direction.ENTRY, _FACE, min_face=100)), scene, 5) == []


def test_a_face_in_two_regions_is_told_at_the_smaller() -> None:
    wide = View(1, Direction.ENTRY, _FACE)
    narrow = View(2, Direction.ENTRY, _FACE, Region(0.5, 0, 1, 1))
    scene = _scene((1, Box(40, 100, 120, 140)), (2, Box(420, 100, 120, 140)))
    lanes = {
        seen.observation.resident: seen.observation.at.lane
        for seen in _look(_looker(wide, narrow), scene, 4)
        if isinstance(seen.observation, FaceSeen)
    }
    assert lanes == {"r1": 1, "r2": 2}


def test_a_face_outside_every_region_is_nobodys() -> None:
    looker = _looker(View(1, Direction.ENTRY, _FACE, Region(0, 0, 0.4, 1)))
    assert _look(looker, _scene((1, Box(420, 100, 120, 140))), 5) == []


def test_a_code_is_told_once_with_its_text_and_place() -> None:
    left = View(1, Direction.ENTRY, _CODE, Region(0, 0, 0.5, 1))
    right = View(2, Direction.ENTRY, _CODE, Region(0.5, 0, 1, 1))
    seen = _look(_looker(left, right), _with_code("KH1:HELLO", 400, 150), 20)
    assert [one.observation for one in seen] == [PassShown(seen[0].observation.at, "KH1:HELLO")]
    assert (seen[0].observation.at.lane, seen[0].observation.at.captured) == (2, 100.0)


def test_the_same_code_may_be_shown_at_two_lanes() -> None:
    left = View(1, Direction.ENTRY, _CODE, Region(0, 0, 0.5, 1))
    right = View(2, Direction.ENTRY, _CODE, Region(0.5, 0, 1, 1))
    looker = _looker(left, right)
    first = _look(looker, _with_code("KH1:HELLO", 50, 150), 3)
    second = _look(looker, _with_code("KH1:HELLO", 400, 150), 3, start=100.5)
    assert [one.observation.at.lane for one in (*first, *second)] == [1, 2]


def test_a_view_looks_only_for_what_it_is_asked() -> None:
    face = _scene((1, Box(200, 100, 120, 140)))
    assert _look(_looker(View(1, Direction.ENTRY, _CODE)), face, 5) == []
    code = _with_code("KH1:HELLO", 300, 150)
    assert _look(_looker(View(1, Direction.ENTRY, _FACE)), code, 5) == []


def test_without_a_gallery_no_face_is_told_but_codes_are() -> None:
    looker = _looker(View(1, Direction.ENTRY, _BOTH), gallery=False)
    assert _look(looker, _scene((1, Box(200, 100, 120, 140))), 30) == []
    assert len(_look(looker, _with_code("KH1:HELLO", 300, 150), 3, start=110.0)) == 1


def test_one_engine_less_leaves_the_other() -> None:
    view = View(1, Direction.ENTRY, _BOTH)
    codes_only = Looker("cam-1", (view,), None, ZxingCodes())
    codes_only.use(_matcher(1))
    assert len(_look(codes_only, _with_code("KH1:HELLO", 300, 150), 3)) == 1
    faces_only = Looker("cam-1", (view,), PaintedFaces(), None)
    faces_only.use(_matcher(1))
    assert len(_look(faces_only, _scene((1, Box(200, 100, 120, 140))), 3)) == 1


def test_a_new_gallery_holds_from_the_next_frame() -> None:
    looker = _looker(View(1, Direction.ENTRY, _FACE))
    looker.use(_matcher(2))
    said = _look(looker, _scene((1, Box(200, 100, 120, 140))), 30)
    assert [one.observation.resident for one in said] == [None]  # type: ignore[union-attr]


def test_an_idle_picture_costs_no_look_and_a_person_wakes_it() -> None:
    class Counting(PaintedFaces):
        looks = 0

        def detect(self, bgr: Pixels) -> tuple[Face, ...]:
            self.looks += 1
            return super().detect(bgr)

    engine = Counting()
    looker = Looker("cam-1", (View(1, Direction.ENTRY, _FACE),), engine, None)
    looker.use(_matcher(1))
    _look(looker, _scene(), 50)
    assert engine.looks < 20
    seen = _look(looker, _scene((1, Box(200, 100, 120, 140))), 3, start=105.0)
    assert [one.observation.resident for one in seen] == ["r1"]  # type: ignore[union-attr]


def test_only_the_largest_faces_are_compared() -> None:
    rules = LookRules(most_faces=1)
    looker = _looker(View(1, Direction.ENTRY, _FACE), rules=rules)
    scene = _scene((1, Box(40, 100, 100, 120)), (2, Box(320, 100, 140, 160)))
    seen = _look(looker, scene, 10)
    assert [one.observation.resident for one in seen] == ["r2"]  # type: ignore[union-attr]
