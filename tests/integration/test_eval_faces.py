"""`kuahu eval faces`, on portraits in the public domain and on the evaluation pictures."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from edge.cli import app
from tests.fakes.data import need
from tests.fakes.portraits import eileen_collins, grace_hopper, nobody

Rows = list[dict[str, str]]


def _eval(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["eval", "faces", str(folder), *words])


def _write(folder: Path, rows: Rows) -> Path:
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def _changed(path: Path, to: Path, width: int, light: float) -> None:
    with Image.open(path) as photo:
        small = photo.convert("RGB").resize((width, width * photo.height // photo.width))
    Image.fromarray((np.asarray(small) * light).clip(0, 255).astype(np.uint8)).save(to)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(eileen_collins(), tmp_path / "own.png")
    _changed(eileen_collins(), tmp_path / "later.png", 300, 0.8)
    _changed(grace_hopper(), tmp_path / "other.png", 300, 1.0)
    shutil.copy(nobody(), tmp_path / "rocket.jpg")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    files = ("own.png", "later.png", "rocket.jpg", "broken.jpg", "gone.jpg", "other.png")
    roles = ("enrol", "probe", "probe", "probe", "probe", "impostor")
    return _write(
        tmp_path,
        [
            {"file": file, "label": "grace" if file == "other.png" else "eileen", "role": role}
            for file, role in zip(files, roles, strict=True)
        ],
    )


def test_stdout_is_one_object_and_what_cannot_be_read_is_a_miss(folder: Path) -> None:
    page = folder / "page.html"
    result = _eval(folder, "--html", str(page))
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    said = json.loads(result.stdout)
    assert [said[key] for key in ("n_enrol", "n_probe", "n_impostor")] == [1, 4, 1]
    assert (said["detected"], said["rank1"], said["tpir_at_default"]) == (3 / 6, 1 / 4, 1 / 4)
    assert said["fpir_at_default"] == 0
    assert said["fpir_at_default_hi"] > 0.5
    assert (said["tpir_at_fpir_1e-2"], said["tpir_at_fpir_1e-2_lo"]) == (None, None)
    assert said["ms_per_image_p50"] > 0
    assert "kinds" not in said
    for name in ("broken.jpg", "gone.jpg"):
        assert name in result.stderr
    html = page.read_text("utf-8")
    for words in ("rocket.jpg", "no face was found", "the picture cannot be read", "<svg"):
        assert words in html


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([{"file": "own.png", "label": "a"}], "no column role"),
        ([{"file": "own.png", "label": "a"}], "enrol (the photo somebody is known by)"),
        ([{"file": "own.png", "label": "a", "role": "probe"}], "no picture with role enrol"),
        ([{"file": "rocket.jpg", "label": "a", "role": "enrol"}], "no face was found in any"),
        ([{"file": "no.png", "label": "a", "role": "enrol"}], "none of the 1 files"),
    ],
)
def test_an_unusable_folder_ends_with_2_and_says_why(folder: Path, rows: Rows, word: str) -> None:
    result = _eval(_write(folder, rows))
    assert (result.exit_code, result.stdout) == (2, "")
    assert word in result.stderr


def test_a_folder_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    assert _eval(tmp_path / "gone").exit_code == 2
    assert _eval(tmp_path).exit_code == 2


def test_a_site_file_chooses_the_target(folder: Path) -> None:
    site = folder / "site.toml"
    text = '[site]\ncompound = "00112233"\n[recognition]\ntarget_fpir = 1e-6\n'
    site.write_text(text, "utf-8")
    strict = json.loads(_eval(folder, "--config", str(site)).stdout)
    assert strict["threshold"] > json.loads(_eval(folder).stdout)["threshold"]


def _some(part: Path, to: Path, keep: int) -> Path:
    """Copy the enrolled pictures of a folder and every `keep`th other, as a folder of their own."""
    with (part / "labels.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    enrolled = [row for row in rows if row["role"] == "enrol"][:12]
    people = {row["label"] for row in enrolled}
    others = [row for row in rows if row["role"] == "impostor"][::keep]
    probes = [row for row in rows if row["role"] == "probe" and row["label"] in people]
    chosen = [*enrolled, *probes, *others]
    for row in chosen:
        (to / row["file"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(part / row["file"], to / row["file"])
    return _write(to, chosen)


def test_most_residents_are_named_and_strangers_are_not(tmp_path: Path) -> None:
    said = json.loads(_eval(_some(need("faces"), tmp_path, 100)).stdout)
    assert said["detected"] == 1.0
    assert said["tpir_at_default"] >= 0.85
    assert said["fpir_at_default"] == 0


@pytest.mark.long
def test_the_whole_folder_of_faces() -> None:
    said = json.loads(_eval(need("faces")).stdout)
    assert said["detected"] == 1.0
    assert said["tpir_at_fpir_1e-2"] >= 0.955
    assert said["tpir_at_fpir_1e-3"] >= 0.91
    assert said["tpir_at_default"] >= 0.90
    assert said["fpir_at_default"] <= 2e-3


@pytest.mark.long
def test_people_are_known_again_on_another_day() -> None:
    said = json.loads(_eval(need("pad")).stdout)
    cross = said["kinds"]["cross_session"]
    assert cross["n_probe"] == 55
    assert cross["tpir_at_default"] >= 0.95
