"""`./setup` on a small project of the same shape, with every registry but a local mirror away."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.mirror import WEIGHTS, Mirror, integrity, serving, tarball, wheel

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
fs.mkdirSync("../central/static/built", { recursive: true });
fs.writeFileSync("../central/static/built/centre.css", "");
"""

_TABLE = """
[far.net]
unpacked = true
file = "tiny-brick/far.onnx"
sha256 = "{digest}"
[near.net]
unpacked = true
file = "tiny_brick/net.onnx"
sha256 = "{digest}"
[installed.net]
file = "tiny_brick.py"
sha256 = ""
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
    _weights(folder, locked)
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


def _weights(folder: Path, locked: dict[str, object]) -> None:
    packed = folder / "packaging" / "weights"
    packed.mkdir(parents=True)
    for name in ("lay.py", ".npmrc"):
        shutil.copy(_ROOT / "packaging" / "weights" / name, packed)
    package = {"name": "kuahu-web", "version": "1.0.0", "dependencies": {"tiny-brick": "1.0.0"}}
    (packed / "package.json").write_text(json.dumps(package))
    (packed / "package-lock.json").write_text(json.dumps(locked))
    hashed = hashlib.sha256(wheel()).hexdigest()
    (packed / "wheels.txt").write_text(f"tiny-brick==1.0 --hash=sha256:{hashed}\n")
    (folder / "config").mkdir()
    digest = hashlib.sha256(WEIGHTS.encode()).hexdigest()
    (folder / "config" / "weights.toml").write_text(_TABLE.format(digest=digest))


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


def _laid(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "weights").glob("*.onnx")}


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
        assert _laid(folder) == {"far.onnx": WEIGHTS, "net.onnx": WEIGHTS}
        assert not (folder / ".tools/weights").exists()
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


def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    with serving() as mirror:
        folder = _project(tmp_path / "kuahu", mirror)
        table = folder / "config" / "weights.toml"
        right = hashlib.sha256(WEIGHTS.encode()).hexdigest()
        table.write_text(table.read_text().replace(right, "0" * 64, 1))

        result = _setup(folder, **_mirrors(mirror))

    assert result.returncode == 1
    assert f"far.onnx is not the pinned one: expected sha256 {'0' * 64}" in result.stderr
    assert 'set-up stopped: "weights of the models" failed' in result.stderr
    assert _laid(folder) == {}


@pytest.mark.parametrize("package", ["wheels.txt", "package-lock.json"])
def test_a_package_of_weights_with_another_hash_is_refused(tmp_path: Path, package: str) -> None:
    with serving() as mirror:
        folder = _project(tmp_path / "kuahu", mirror)
        lock = folder / "packaging" / "weights" / package
        was = lock.read_text()
        if package == "wheels.txt":
            lock.write_text(was.split("sha256:")[0] + "sha256:" + "0" * 64)
        else:
            lock.write_text(was.replace(integrity(tarball()), integrity(b"other")))

        result = _setup(folder, **_mirrors(mirror))

    assert result.returncode == 1
    assert 'set-up stopped: "weights of the models" failed' in result.stderr
    assert _laid(folder) == {}


def test_damaged_weights_are_laid_again_and_others_need_no_network(tmp_path: Path) -> None:
    with serving() as mirror:
        folder = _project(tmp_path / "kuahu", mirror)
        assert _setup(folder, **_mirrors(mirror)).returncode == 0
        (folder / "weights" / "net.onnx").write_text("damaged")

        result = _setup(folder, **_mirrors(mirror))

        assert result.returncode == 0, result.stderr
        assert _laid(folder)["net.onnx"] == WEIGHTS
    away = _setup(folder, UV_DEFAULT_INDEX=f"{_AWAY}/simple", npm_config_registry=_AWAY)
    assert (away.returncode, away.stderr) == (0, "")


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
