"""The wheel that a site installs holds the whole house, and stands without this folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_BIN = Path(sys.executable).parent
_UV = str(_BIN / "uv")
_PACKAGES = {
    "central",
    "config",
    "edge",
    "gate",
    "models",
    "mqtt_bridge",
    "plates",
    "recognition",
}
# What only comes with an extra of pyproject.toml; the module that needs it is imported on demand.
_OF_EXTRAS = {
    "dlib",
    "face_recognition",
    "gpiozero",
    "matplotlib",
    "psycopg",
    "pyzbar",
    "skimage",
}
_IMPORT_ALL = """
import importlib, pkgutil, sys
for top in sys.argv[1:]:
    package = importlib.import_module(top)
    for found in pkgutil.walk_packages(package.__path__, top + "."):
        if ".migrations." in found.name or found.name.endswith("__main__"):
            continue
        try:
            print(found.name, importlib.import_module(found.name).__file__, sep="\\t")
        except ModuleNotFoundError as error:
            print(found.name, "!" + error.name.split(".")[0], sep="\\t")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    _run(_UV, "build", "--quiet", "--wheel", "--out-dir", str(folder), str(_ROOT))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment with the wheel and the locked versions of what it needs."""
    folder = tmp_path_factory.mktemp("site")
    locked, python = folder / "locked.txt", folder / "venv" / "bin" / "python"
    _run(_UV, "export", "--quiet", "--frozen", "--no-emit-project", "-o", str(locked), at=_ROOT)
    _run(_UV, "venv", "--quiet", "--python", sys.executable, str(folder / "venv"))
    install = (_UV, "pip", "install", "--quiet", "--python", str(python))
    _run(*install, "--require-hashes", "-r", str(locked))
    _run(*install, "--no-deps", str(wheel))
    return folder


def _run(*command: str, at: Path | None = None) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    done = subprocess.run(
        command, cwd=at, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_wheel_holds_the_house_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == _PACKAGES
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_holds_the_built_pages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    built = {f"edge/web/static/built/{page}.{kind}" for page in ("guard", "lane")
             for kind in ("js", "css")}  # fmt: skip
    built |= {f"central/static/built/{page}.css" for page in ("centre", "resident", "visitor")}
    built |= {f"central/static/built/{name}" for name in ("resident_photo.js", "icon-192.png")}
    built |= {"central/locale/resident.zh.po", "central/templates/resident/home.html"}
    assert built <= names


def test_the_wheel_holds_every_tracked_file_of_the_house(wheel: Path) -> None:
    """Templates, catalogues, migrations, example sites: what code reads must come along."""
    tracked = _run("git", "ls-files", "-z", *sorted(_PACKAGES), at=_ROOT).split("\0")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert {name for name in tracked if name and (_ROOT / name).exists()} - held == set()


def test_the_installed_command_explains_itself(site: Path) -> None:
    said = _run(str(site / "venv/bin/kuahu"), "--help", at=site)
    assert "check-config" in said


def test_every_installed_module_imports_without_what_tests_bring(site: Path) -> None:
    said = _run(str(site / "venv/bin/python"), "-c", _IMPORT_ALL, *sorted(_PACKAGES), at=site)
    modules = dict(line.split("\t") for line in said.splitlines())
    assert len(modules) > 40
    missing = {name: answer for name, answer in modules.items() if answer.startswith("!")}
    assert {answer[1:] for answer in missing.values()} <= _OF_EXTRAS, missing
    found = [Path(answer) for answer in modules.values() if not answer.startswith("!")]
    assert all(path.is_relative_to(site / "venv") for path in found)
