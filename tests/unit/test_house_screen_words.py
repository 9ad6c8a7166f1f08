"""The catalogues of the screens say what docs/words.md says."""

from functools import cache
from pathlib import Path

import pytest

from edge.web.public_words import words_for
from edge.web.words import Language, read_words
from models.decision import Reason
from models.observation import GuardReason

_WORDS = Path(__file__).resolve().parents[2] / "docs" / "words.md"
_OPENS = {Reason.RESIDENT, Reason.VISITOR, Reason.GUARD, Reason.UNPAIRED}
_LANGUAGES = list(enumerate((Language.ZH, Language.EN)))


_words = cache(read_words)


def _row(word: str, title: str) -> list[str]:
    part = _WORDS.read_text(encoding="utf-8").split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    (row,) = [line for line in part.splitlines() if line.startswith(f"| `{word}` |")]
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize(("column", "language"), _LANGUAGES)
def test_the_guard_reads_the_reason(column: int, language: Language, reason: Reason) -> None:
    said = _words()[language].of("reason", reason)
    assert said == _row(reason, "Reasons")[column]


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize(("column", "language"), _LANGUAGES)
def test_the_gate_shows_the_answer(column: int, language: Language, reason: Reason) -> None:
    sentence = words_for("granted" if reason in _OPENS else "refused", reason)
    said = _words()[language].of("gate", sentence)
    assert said == _row(reason, "Reasons")[2 + column]


@pytest.mark.parametrize("reason", GuardReason)
@pytest.mark.parametrize(("column", "language"), _LANGUAGES)
def test_the_guard_taps_the_reason(column: int, language: Language, reason: GuardReason) -> None:
    said = _words()[language].of("guard_reason", reason)
    assert said == _row(reason, "A guard's reasons for opening by hand")[column]


@pytest.mark.parametrize("answer", ["opened", "refused", "asked"])
@pytest.mark.parametrize(("column", "language"), _LANGUAGES)
def test_the_guard_reads_the_answer(column: int, language: Language, answer: str) -> None:
    assert _words()[language].of("answer", answer) == _row(answer, "Answers")[column]
