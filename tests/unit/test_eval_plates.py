"""Scores of plates: what counts as right, as accepted, as misread and as another car."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from config.settings import Recognition
from edge.demo.plate_paint import painted
from edge.demo.plate_view import Seen, placed, tilted
from edge.eval.labels import Unusable
from edge.eval.line import flat
from edge.eval.plate_figures import Kind, Read, distance, scored
from edge.eval.plates import score
from models.plate import Band, Ground, PlateKind, PlateReading
from plates.eye import Plate
from plates.quad import Quad

_KEYS = (
    "n_scene", "n_crop", "scene_exact", "scene_exact_largest", "crop_exact", "char", "province",
    "accepted", "accepted_wrong", "other_car", "crop_accepted", "crop_accepted_wrong", "ms_p50",
)  # fmt: skip


def _plate(text: str, confidence: float = 0.99, *, whole: bool = True) -> Plate:
    band = Band.ACCEPT if confidence >= 0.95 else Band.ASK
    reading = PlateReading(text, PlateKind.ORDINARY, Ground.BLUE, confidence, band)
    return Plate(Quad((10, 10), (110, 10), (110, 40), (10, 40)), reading, whole)


def _scene(label: str, *plates: Plate, others: str = "") -> Read:
    picture = np.zeros((80, 160, 3), np.uint8)
    return Read("a.jpg", label, frozenset(others.split()), Kind.SCENE, plates, 20.0, picture)


def test_the_keys_are_the_promised_ones_in_their_order() -> None:
    figures = flat(scored([_scene("京A12345", _plate("京A12345"))], 20.0).figures)
    assert [key for key in figures if not key.endswith(("_lo", "_hi"))] == list(_KEYS)


def test_a_right_scene_counts_everywhere() -> None:
    figures = flat(scored([_scene("京A12345", _plate("京A12345"))], 20.0).figures)
    rates = ("scene_exact", "scene_exact_largest", "char", "province", "accepted")
    assert [figures[key] for key in rates] == [1.0] * 5
    assert (figures["accepted_wrong"], figures["other_car"]) == (0, 0)
    assert figures["crop_exact"] is figures["crop_accepted_wrong"] is None


def test_a_misreading_is_wrong_and_a_text_of_its_own_is_another_car() -> None:
    reads = [
        _scene("京A12345", _plate("京A12346")),
        _scene("京A12345", _plate("粤B88888"), _plate("京A12345", 0.5)),
        _scene("京A12345", _plate("京A12346"), others="京A12346"),
        _scene("京A12345", _plate("粤B88888"), others="沪C77777"),
    ]
    result = scored(reads, None)
    figures = flat(result.figures)
    assert (figures["accepted_wrong"], figures["other_car"]) == (2, 2)
    assert (figures["scene_exact"], figures["scene_exact_largest"]) == (0.25, 0.0)
    assert figures["accepted"] == 0.0
    shown = [miss.pictures[0] for miss in result.misses if miss.why.startswith("another car")]
    sizes = [each.shape for each in shown if not isinstance(each, Path)]
    assert sizes == [(56, 126, 3), (56, 126, 3)]


def test_an_accepted_text_where_no_plate_is_labelled_is_wrong() -> None:
    figures = flat(scored([_scene("", _plate("京A12345")), _scene("")], None).figures)
    assert (figures["accepted_wrong"], figures["other_car"]) == (1, 0)
    assert figures["scene_exact"] is None


def test_a_crop_has_no_other_car() -> None:
    read = Read("b.jpg", "京A12345", frozenset(), Kind.CROP, (_plate("粤B88888"),))
    figures = flat(scored([read], None).figures)
    assert figures["crop_accepted_wrong"] == 1
    assert figures["accepted_wrong"] is None


def test_a_plate_at_the_edge_is_not_the_largest() -> None:
    read = _scene("京A12345", _plate("粤B88888", whole=False), _plate("京A12345"))
    assert flat(scored([read], None).figures)["scene_exact_largest"] == 1.0


def test_symbols_are_counted_in_the_reading_most_like_the_label() -> None:
    read = _scene("京A12345", _plate("粤B88888"), _plate("京A12340"))
    figures = flat(scored([read], None).figures)
    assert figures["char"] == pytest.approx(6 / 7)
    assert figures["province"] == 1.0


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("", "", 0), ("", "ABC", 3), ("ABC", "ABC", 0), ("ABC", "ABCD", 1), ("KITTEN", "SITTING", 3)],
)
def test_the_distance_of_two_texts(one: str, other: str, apart: int) -> None:
    assert distance(one, other) == distance(other, one) == apart


def _folder(folder: Path) -> Path:
    plate = painted("粤B8C2L6", PlateKind.ORDINARY)
    scene = np.full((360, 480, 3), 90, np.uint8)
    cv2.imwrite(str(folder / "a.png"), placed(scene, plate, tilted((240, 200), 160), Seen()))
    cv2.imwrite(str(folder / "b.png"), cv2.resize(plate, (188, 60)))
    cv2.imwrite(str(folder / "c.png"), scene)
    (folder / "d.png").write_bytes(b"no picture")
    table = "file,plate,kind\na.png,粤B·8C2L6,scene\nb.png,粤B8C2L6,crop\nc.png,,scene\n"
    (folder / "labels.csv").write_text(f"{table}d.png,京A12345,scene\n", "utf-8")
    return folder


def test_a_folder_is_scored_end_to_end(tmp_path: Path) -> None:
    said: list[str] = []
    figures = flat(score(_folder(tmp_path), Recognition(), said.append).figures)
    assert (figures["n_scene"], figures["n_crop"]) == (3, 1)
    assert (figures["scene_exact"], figures["crop_exact"]) == (0.5, 1.0)
    assert (figures["accepted_wrong"], figures["crop_accepted_wrong"]) == (0, 0)
    assert isinstance(figures["ms_p50"], float)
    assert any("counted as a miss" in line for line in said)


def test_an_unknown_kind_is_unusable(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    table = folder / "labels.csv"
    table.write_text(table.read_text("utf-8").replace("crop", "clip"), "utf-8")
    with pytest.raises(Unusable, match="neither scene nor crop"):
        score(folder, Recognition(), lambda _: None)


@pytest.mark.parametrize("column", ["plate", "kind"])
def test_a_table_without_a_column_is_unusable(tmp_path: Path, column: str) -> None:
    folder = _folder(tmp_path)
    table = folder / "labels.csv"
    table.write_text(table.read_text("utf-8").replace(column, "x", 1), "utf-8")
    with pytest.raises(Unusable, match=f"no column {column}"):
        score(folder, Recognition(), lambda _: None)
