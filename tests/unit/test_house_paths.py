"""Nothing in the repository knows the machine that it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_SELF = "tests/unit/test_house_paths.py"
# The residents' pages are addresses that begin as a folder of somebody's does.
_PAGES = r"(?!(?:people|passes|cars|data|devices)/)"
# A folder of somebody's machine, as an absolute path and not as a part of a longer one.
_MACHINE_PATH = re.compile(rf"(?<![\w.~}})-])/(?:work|root|tmp|home/{_PAGES}\w+|Users/\w+)/")


def _tracked() -> list[str]:
    if not (_ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no list of tracked files to look at")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=_ROOT, capture_output=True, check=True, text=True
    )
    names = [name for name in listed.stdout.split("\0") if name and name != _SELF]
    return [name for name in names if (_ROOT / name).is_file()]


def test_no_tracked_file_holds_a_machine_path() -> None:
    found = []
    for name in _tracked():
        text = (_ROOT / name).read_bytes().decode("utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if _MACHINE_PATH.search(line):
                found.append(f"{name}:{number}: {line.strip()[:120]}")
    assert found == []


def test_what_a_machine_path_is() -> None:
    assert _MACHINE_PATH.search("open('/tmp/x')")
    assert _MACHINE_PATH.search("cd /work/main")
    assert _MACHINE_PATH.search("cat /home/jane/notes")
    assert not _MACHINE_PATH.search("GET /home/people/new")
    assert not _MACHINE_PATH.search("GET /v1/events")
    assert not _MACHINE_PATH.search("example.org/work/plan")
    assert not _MACHINE_PATH.search("${HOME}/tmp/x")


def test_no_large_file_is_tracked() -> None:
    """Pictures and weights are data from elsewhere; uv.lock is the largest thing that is ours."""
    large = [name for name in _tracked() if (_ROOT / name).stat().st_size > 1_500_000]
    assert large == []
