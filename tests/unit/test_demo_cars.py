"""Whose cars come in the demo: real ones where pictures are there and are read surely."""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.demo.car_pictures import Cars, cast_cars, data_folder
from edge.demo.plate_paint import painted
from edge.demo.plate_view import placed, tilted
from models.plate import PlateKind
from tests.fakes.data import data, need

SIZE = (300, 330)


def folder_of(root: Path, pictures: Mapping[str, tuple[str, float]]) -> Path:
    """Write a scene for each plate: what its label says, and how far from the left it stands."""
    (root / "plates").mkdir()
    lines = ["file,plate,kind"]
    for number, (plate, (label, left)) in enumerate(pictures.items()):
        road = np.full((720, 900, 3), (88, 92, 96), np.uint8)
        cv2.rectangle(road, (60, 120), (840, 690), (70, 66, 128), -1)
        quad = tilted((left, 520), 190)
        scene = placed(road, painted(plate, PlateKind.ORDINARY), quad)
        cv2.imwrite(str(root / "plates" / f"{number}.png"), scene)
        lines.append(f"{number}.png,{label},scene")
    (root / "plates" / "labels.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return root


def test_the_first_two_that_are_read_surely_and_shown_whole_are_chosen(tmp_path: Path) -> None:
    right = {plate: (plate, 450.0) for plate in ("粤B8C2L6", "浙A8K2F6")}
    wrong = {"京N7H3J5": ("京N7H3J6", 450.0), "沪C5K3E7": ("沪C5K3E7", 130.0)}
    cars = cast_cars(folder_of(tmp_path, wrong | right | {"苏E4D8M2": ("苏E4D8M2", 450.0)}))
    assert (cars.resident, cars.stranger) == tuple(right)
    assert set(cars.looks) == set(right)
    assert {bgr.shape for bgr, _ in cars.looks.values()} == {(*SIZE, 3)}


def test_without_two_such_pictures_the_cars_are_painted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert cast_cars(None) == Cars()
    assert cast_cars(tmp_path) == Cars()
    assert "plates is no folder" in caplog.text
    assert cast_cars(folder_of(tmp_path, {"粤B8C2L6": ("粤B8C2L6", 450.0)})) == Cars()
    assert "no two" in caplog.text


def test_pictures_are_looked_for_where_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUAHU_DATA", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert data_folder() is None
    (tmp_path / "shared" / "data").mkdir(parents=True)
    assert data_folder() == Path("../shared/data")
    monkeypatch.setenv("KUAHU_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.setenv("KUAHU_DATA", str(tmp_path / "nowhere"))
    assert data_folder() is None


def test_two_real_cars_are_found_among_the_evaluation_pictures() -> None:
    table = (need("plates") / "labels.csv").read_text("utf-8-sig")
    cars = cast_cars(data())
    assert cars.resident != cars.stranger
    assert set(cars.looks) == {cars.resident, cars.stranger}
    assert all(plate in table for plate in cars.looks)
