"""docs/operations.md speaks of every fault, and its site file loads."""

import ast
import re
from pathlib import Path

import pytest

from config.load import load

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = _ROOT / "docs" / "operations.md"
_PACKAGES = ("central", "config", "edge", "gate", "models", "mqtt_bridge", "recognition")
_NO_FAULT = {"error", "fault"}  # the roots of the tree, which nobody raises


def _codes() -> set[str]:
    """Return the stable code of every kind of error that the house can raise."""
    sources = [path for package in _PACKAGES for path in (_ROOT / package).rglob("*.py")]
    classes = [
        node
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).endswith(("Error", "Fault", "Exception")) for base in node.bases)
    ]
    found = {_code(node) for node in classes} - {""}
    assert {"camera", "store"} <= found
    return found - _NO_FAULT


def _code(node: ast.ClassDef) -> str:
    for line in node.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
            return str(ast.literal_eval(line.value))
    return ""


def _site_file() -> str:
    blocks = re.findall(r"```toml\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (block,) = (one for one in blocks if one.startswith("[site]"))
    return str(block)


def test_every_kind_of_fault_has_a_row_with_what_to_do() -> None:
    lines = _PAGE.read_text(encoding="utf-8").splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if re.match(r"\| `\w+` \|", line)
    ]
    faults = {row[0].strip("`"): row for row in rows if len(row) == 4}
    assert set(faults) == _codes()
    assert [code for code, row in faults.items() if "" in row] == []


def test_the_site_file_of_the_page_loads(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(_site_file(), encoding="utf-8")
    settings = load(path)
    assert [lane.lane().number for lane in settings.lane] == [1]
    assert settings.camera[0].password_file == tmp_path / "east-in.password"


@pytest.mark.parametrize("make", ["Streaming/Channels/102", "cam/realmonitor?channel=1&subtype=1"])
def test_the_second_streams_of_the_page_are_sources(tmp_path: Path, make: str) -> None:
    page = _PAGE.read_text(encoding="utf-8")
    assert f"rtsp://ADDRESS:554/{make}" in page
    site = _site_file().replace("Streaming/Channels/102", make)
    path = tmp_path / "site.toml"
    path.write_text(site, encoding="utf-8")
    assert load(path).camera[0].source.endswith(make)
