"""Every command that the pages speak of exists and explains itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli import app

_ROOT = Path(__file__).resolve().parents[2]
_PAGES = ("README.md", "README.zh-CN.md", "docs/operations.md", "docs/architecture.md")
_KUAHU = Path(sys.executable).with_name("kuahu")


def _named() -> list[str]:
    found: set[str] = set()
    for page in _PAGES:
        text = (_ROOT / page).read_text(encoding="utf-8")
        found |= set(re.findall(r"(?:`|bin/)kuahu ([a-z][a-z-]+)", text))
    return sorted(found)


def _help(*command: str) -> str:
    done = CliRunner().invoke(
        app, [*command, "--help"], env={"TERM": "dumb", "COLUMNS": "120", "LANG": "C.UTF-8"}
    )
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_installed_command_says_what_this_one_says() -> None:
    done = subprocess.run(
        [str(_KUAHU), "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={"TERM": "dumb", "COLUMNS": "120", "LANG": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    assert _listed(done.stdout) == _listed(_help())


def _listed(page: str) -> list[str]:
    """Return the commands of the first page."""
    return re.findall(r"^[│|]?\s{1,3}([a-z][a-z-]+)\s{2,}\S", page, re.MULTILINE)


def test_the_pages_name_the_commands() -> None:
    assert {"run", "demo", "doctor", "pass", "resident", "relay", "verify"} <= set(_named())


@pytest.mark.parametrize("command", _named())
def test_a_command_of_the_pages_explains_itself(command: str) -> None:
    assert "Usage" in _help(command)


def test_every_command_is_on_the_first_page() -> None:
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    listed = _listed(_help())
    assert "doctor" in listed
    assert [name for name in listed if f"kuahu {name}" not in readme] == []


@pytest.mark.parametrize("wrong", [["nonesuch"], ["run", "--nonesuch"], ["events", "--since"]])
def test_a_wrong_use_is_told_in_words_with_status_two(wrong: list[str]) -> None:
    done = subprocess.run([str(_KUAHU), *wrong], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Error" in done.stderr
