"""`./setup` on a small project of the same shape, with every registry but a local mirror away."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.mirror import Mirror, integrity, serving, tarball

_ROOT = Path(__file__).resolve().parents[2]
_AWAY = "http://127.0.0.1:9"

_PYPROJECT = """
[project]
name = "kuahu"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["tiny-brick==1.0"]
optional-dependencies = { demo = [] }
[dependency-groups]
node = []
[build-system]
requires = []
build-backend = "brickyard"
backend-path = ["."]
"""

# The smallest build backend there is: an editable wheel without content.
_BACKEND = """
import zipfile
def build_editable(folder, settings=None, metadata=None):
    info = "kuahu-1.0.dist-info"
    with zipfile.ZipFile(f"{folder}/kuahu-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: kuahu\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return "kuahu-1.0-py3-none-any.whl"
"""

_BUILD = """
const fs = require("fs");
fs.mkdirSync("../edge/web/static/built", { recursive: true });
fs.writeFileSync("../edge/web/static/built/guard.js", require("tiny-brick"));
"""


def _project(folder: Path, mirror: Mirror) -> Path:
    (folder / "web").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(_PYPROJECT)
    (folder / "brickyard.py").write_text(_BACKEND)
    package = {
        "name": "kuahu-web",
        "version": "1.0.0",
        "scripts": {"build": "node build.cjs"},
        "dependencies": {"tiny-brick": "1.0.0"},
    }
    locked = {
        "name": "kuahu-web",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "packages": {
            "": package,
            "node_modules/tiny-brick": {"version": "1.0.0", "integrity": integrity(tarball())},
        },
    }
    (folder / "web" / "package.json").write_text(json.dumps(package))
    (folder / "web" / "package-lock.json").write_text(json.dumps(locked))
    (folder / "web" / "build.cjs").write_text(_BUILD)
    shutil.copy(_ROOT / "setup", folder)
    subprocess.run(
        ["uv", "lock", "--quiet", "--default-index", f"{mirror.url}/simple"],
        cwd=folder,
        env=_environment(folder),
        check=True,
    )
    lock = folder / "uv.lock"
    lock.write_text(lock.read_text().replace(mirror.url, _AWAY))
    return folder


def _environment(folder: Path, **more: str) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    home = str(folder.parent / "home")
    quick = {"npm_config_fetch_retries": "0", "UV_HTTP_RETRIES": "0"}
    return {"PATH": path, "HOME": home, "LANG": "C.UTF-8", **quick, **more}


def _setup(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./setup"],
        cwd=folder,
        env=_environment(folder, **more),
        capture_output=True,
        text=True,
        check=False,
    )


def _mirrors(mirror: Mirror) -> dict[str, str]:
    return {
        "UV_DEFAULT_INDEX": f"{mirror.url}/simple",
        "npm_config_registry": f"{mirror.url}/npm/",
    }


def test_a_mirror_serves_everything_and_an_up_to_date_set_up_asks_nothing(tmp_path: Path) -> None:
    with serving() as mirror:
        folder = _project(tmp_path / "kuahu", mirror)
        mirror.asked.clear()

        first = _setup(folder, **_mirrors(mirror))

        assert first.returncode == 0, first.stderr
        assert first.stdout == ""
        assert (folder / "edge/web/static/built/guard.js").read_text() == "brick"
        python = folder / ".venv/bin/python"
        said = subprocess.run([python, "-c", "import tiny_brick as t; print(t.WORD)"],
                              capture_output=True, text=True, check=True)  # fmt: skip
        assert said.stdout == "brick\n"
        assert {"/simple/tiny-brick/", "/npm/tiny-brick"} <= set(mirror.asked)

        mirror.asked.clear()
        again = _setup(folder, **_mirrors(mirror))

        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
        assert mirror.asked == []


def test_a_mirror_that_serves_other_content_is_refused(tmp_path: Path) -> None:
    with serving() as mirror:
        folder = _project(tmp_path / "kuahu", mirror)
        lock = folder / "uv.lock"
        hashed = lock.read_text().split("sha256:")[1][:64]
        lock.write_text(lock.read_text().replace(hashed, "0" * 64))

        result = _setup(folder, **_mirrors(mirror))

    assert result.returncode == 1
    assert "set-up stopped" in result.stderr
    assert "hash" in result.stderr.lower()


@pytest.mark.parametrize("change", ["uv.lock", "web/build.cjs", "edge/web/static/built/guard.js"])
def test_what_changed_or_vanished_is_done_again(tmp_path: Path, change: str) -> None:
    with serving() as mirror:
        folder = _project(tmp_path / "kuahu", mirror)
        assert _setup(folder, **_mirrors(mirror)).returncode == 0
        changed = folder / change
        if "built" in change:
            changed.unlink()
        else:
            mark = "//" if change.endswith("cjs") else "#"
            changed.write_text(f"{changed.read_text()}\n{mark} changed\n")

        result = _setup(folder, **_mirrors(mirror))

    assert result.returncode == 0, result.stderr
    expected = "Python packages" if change == "uv.lock" else "browser pages"
    steps = [line for line in result.stderr.splitlines() if line.startswith("==> ")]
    assert [step.split("(")[0].strip() for step in steps] == [f"==> {expected}"]
    assert (folder / "edge/web/static/built/guard.js").exists()


def test_starting_the_demo_takes_nothing_away(tmp_path: Path) -> None:
    with serving() as mirror:
        folder = _project(tmp_path / "kuahu", mirror)
        assert _setup(folder, **_mirrors(mirror)).returncode == 0
        (own,) = folder.glob(".venv/lib/python3.*/site-packages")
        (own / "mine-1.0.dist-info").mkdir()
        (own / "mine-1.0.dist-info" / "METADATA").write_text("Name: mine\nVersion: 1.0\n")
        (own / "mine-1.0.dist-info" / "RECORD").write_text("mine-1.0.dist-info/METADATA,,\n")
        (folder / ".venv" / "kuahu-setup").unlink()

        result = _setup(folder, **_mirrors(mirror))

    assert result.returncode == 0, result.stderr
    assert (own / "mine-1.0.dist-info" / "METADATA").exists()


def test_an_unknown_part_is_named(tmp_path: Path) -> None:
    shutil.copy(_ROOT / "setup", tmp_path)
    result = subprocess.run(["./setup", "everything"], cwd=tmp_path, capture_output=True, text=True,
                            check=False)  # fmt: skip
    assert result.returncode == 1
    assert '"everything"' in result.stderr
