"""docs/words.md has plain words for everything that the programs can answer."""

from pathlib import Path

import pytest

from models.decision import Reason
from models.observation import GuardReason

_WORDS = Path(__file__).resolve().parents[2] / "docs" / "words.md"
_NEVER_AT_THE_GATE = (
    "伪造",
    "黑名单",
    "住户是",
    "人脸",
    "登记",
    "forged",
    "blacklist",
    "registered",
)
# DESIGN's own words; others may be added beside them, these may not be changed.
_GUARD = {
    Reason.UNKNOWN_FACE: "未登记人员",
    Reason.USED: "已使用",
    Reason.EXPIRED: "已过期",
    Reason.FORGED: "签名不符",
    Reason.STALE: "超时未放行",
    Reason.LOCKED_DOWN: "限制通行",
    Reason.NOT_LIVE: "疑似照片",
}
_GATE = {
    Reason.RESIDENT: "请通行",
    Reason.UNKNOWN_FACE: "未识别，请刷码、刷卡或呼叫保安",
    Reason.USED: "此码已用过",
    Reason.EXPIRED: "已过期，请住户重新发送",
    Reason.FORGED: "此码无效，请住户重新发送",
    Reason.STALE: "请再刷一次",
    Reason.LOCKED_DOWN: "请稍候，保安马上协助",
    Reason.NOT_LIVE: "请换一种方式通行",
    Reason.STALE_CODE: "请打开原链接出示动态码",
}


def _table(title: str) -> dict[str, list[str]]:
    """Return the rows of the table under a heading, by their first cell."""
    part = _WORDS.read_text(encoding="utf-8").split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in part.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    table = {row[0].strip("`"): row[1:] for row in cells}
    assert len(table) == len(rows), "a word has two rows"
    return table


def test_every_reason_has_its_words_and_every_row_its_reason() -> None:
    table = _table("Reasons")
    assert set(table) == {reason.value for reason in Reason}
    assert {word for word, cells in table.items() if len(cells) != 4 or "" in cells} == set()


def test_every_reason_of_a_guard_has_its_words() -> None:
    table = _table("A guard's reasons for opening by hand")
    assert set(table) == {reason.value for reason in GuardReason}
    assert {word for word, cells in table.items() if len(cells) != 2 or "" in cells} == set()


@pytest.mark.parametrize("reason", Reason)
def test_the_gate_says_nothing_about_the_person(reason: Reason) -> None:
    said = " ".join(_table("Reasons")[reason.value][2:])
    assert [word for word in _NEVER_AT_THE_GATE if word in said.lower()] == []


@pytest.mark.parametrize("reason", sorted(_GUARD))
def test_the_guard_reads_the_words_that_were_chosen(reason: Reason) -> None:
    assert _table("Reasons")[reason.value][0] == _GUARD[reason]


def test_the_guard_reads_whether_it_opened() -> None:
    assert _table("Answers")["opened"] == ["已放行", "Let through"]
    assert set(_table("Answers")) == {"opened", "refused", "asked"}


@pytest.mark.parametrize("reason", sorted(_GATE))
def test_the_gate_shows_the_words_that_were_chosen(reason: Reason) -> None:
    assert _table("Reasons")[reason.value][2] == _GATE[reason]


def test_whether_a_face_is_known_cannot_be_told_from_the_gate() -> None:
    """A resident who did not choose the face, or who moved out, reads what a stranger reads."""
    table = _table("Reasons")
    said = {
        tuple(table[word][2:]) for word in ("unknown_face", "ambiguous_face", "not_chosen", "ended")
    }
    assert len(said) == 1
