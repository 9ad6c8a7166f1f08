"""dlib as a site chooses it: by its site file; its 68-point file is never opened, even from C++."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from config.weights import weight_files
from edge.vision_engines import FACES
from tests.fakes.portraits import eileen_collins, grace_hopper
from tests.nemesis.tracing import STRACE, needs_strace

_ROOT = Path(__file__).resolve().parents[2]
_SITE = """
[site]
compound = "00112233"
[[camera]]
id = "gate"
source = "kiosk"
[[relay]]
name = "gate"
[[lane]]
number = 1
name = "1"
relay = "gate"
[[lane.view]]
camera = "gate"
[recognition]
engine = "dlib"
"""
_EVAL = "import sys; from edge.cli import main; sys.argv[0] = 'kuahu'; main()"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of two people enrolled and seen again, smaller, and a site file beside it."""
    pytest.importorskip("dlib", reason="the extra dlib is not installed")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    rows = ["file,label,role"]
    for name, path in (("eileen", eileen_collins()), ("grace", grace_hopper())):
        shutil.copyfile(path, pictures / f"{name}{path.suffix}")
        with Image.open(path) as picture:
            high = round(picture.height * 420 / picture.width)
            picture.convert("RGB").resize((420, high)).save(pictures / f"{name}-again.png")
        rows += [f"{name}{path.suffix},{name},enrol", f"{name}-again.png,{name},probe"]
    (pictures / "labels.csv").write_text("\n".join(rows), "utf-8")
    (tmp_path / "site.toml").write_text(_SITE, "utf-8")
    return tmp_path


_ENGINE = """
from config.weights import weight_files
from edge.vision_engines import FACES
engine = FACES["dlib"](weight_files("dlib"))
print(engine.engine)
"""


def _traced(code: str, *arguments: str, trace: Path) -> str:
    """Return what a new Python says, after holding every file that it opened to the licence."""
    record = [STRACE, "-f", "-qq", "-e", "trace=open,openat,openat2", "--seccomp-bpf"]
    said = subprocess.run(
        [*record, "-o", str(trace), sys.executable, "-c", code, *arguments],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    opened = set(re.findall(r'"([^"]*\.dat)"', trace.read_text("utf-8", errors="replace")))
    files = weight_files("dlib")
    assert {str(files["points"].path), str(files["embedder"].path)} <= opened
    assert not [path for path in opened if "68" in Path(path).name or "mmod" in Path(path).name]
    assert files["points"].path.with_name("shape_predictor_68_face_landmarks.dat").is_file()
    return said.stdout


@needs_strace
def test_68_points_are_never_opened_not_even_from_the_library_itself(tmp_path: Path) -> None:
    pytest.importorskip("dlib", reason="the extra dlib is not installed")
    # The engine is proved by an inference when it is made.
    assert _traced(_ENGINE, trace=tmp_path / "trace").startswith("dlib:")


@pytest.mark.long
@needs_strace
def test_a_site_that_names_dlib_is_scored_with_it(folder: Path) -> None:
    command = ["eval", "faces", str(folder / "pictures"), "--config", str(folder / "site.toml")]
    figures = json.loads(_traced(_EVAL, *command, trace=folder / "trace"))
    assert figures["engine"].startswith("dlib:")
    assert (figures["n_enrol"], figures["n_probe"], figures["rank1"]) == (2, 2, 1.0)


def test_every_engine_of_a_site_file_is_in_the_table() -> None:
    from typing import get_args  # noqa: PLC0415

    from config.settings import Recognition  # noqa: PLC0415

    assert set(get_args(Recognition.model_fields["engine"].annotation)) == set(FACES)
