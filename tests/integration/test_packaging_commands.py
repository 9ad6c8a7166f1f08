"""Every command that the pages speak of exists and explains itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

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
    done = subprocess.run(
        [str(_KUAHU), *command, "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={"TERM": "dumb", "COLUMNS": "120", "LANG": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_pages_name_the_commands() -> None:
    assert {"run", "demo", "doctor", "pass", "resident", "relay", "verify"} <= set(_named())


@pytest.mark.parametrize("command", _named())
def test_a_command_of_the_pages_explains_itself(command: str) -> None:
    assert "Usage" in _help(command)


def test_every_command_is_on_the_first_page() -> None:
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^[│|]?\s{1,3}([a-z][a-z-]+)\s{2,}\S", _help(), re.MULTILINE)
    assert "doctor" in listed
    assert [name for name in listed if f"kuahu {name}" not in readme] == []


@pytest.mark.parametrize("wrong", [["nonesuch"], ["run", "--nonesuch"], ["events", "--since"]])
def test_a_wrong_use_is_told_in_words_with_status_two(wrong: list[str]) -> None:
    done = subprocess.run([str(_KUAHU), *wrong], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Error" in done.stderr
