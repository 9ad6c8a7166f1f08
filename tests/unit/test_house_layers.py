"""The contracts of pyproject.toml hold, and they bite."""

import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
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


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_contract_is_kept() -> None:
    result = _lint(_ROOT)
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


def test_a_decision_that_reads_the_clock_breaks_a_contract(tmp_path: Path) -> None:
    for name in _PACKAGES:
        shutil.copytree(_ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("built"))
    shutil.copy(_ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "gate" / "hasty.py").write_text("import time\n", encoding="utf-8")
    (tmp_path / "recognition" / "nosy.py").write_text("import gate.passes\n", encoding="utf-8")

    result = _lint(tmp_path)

    assert result.returncode != 0
    assert "gate.hasty -> time" in result.stdout
    assert "recognition.nosy -> gate.passes" in result.stdout


def test_no_installed_distribution_ships_a_package_of_our_names() -> None:
    """Generic names are ours only as long as nobody else in the environment uses them."""
    owners = packages_distributions()
    strangers = {
        name: sorted(set(owners.get(name, [])) - {"kuahu"})
        for name in {*_PACKAGES, "tests"}
        if set(owners.get(name, [])) - {"kuahu"}
    }
    assert strangers == {}
