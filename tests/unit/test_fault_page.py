"""docs/faults.md is the page that the marks on the tests make."""

from tests.nemesis.faults import FAULTS, PAGE, page, proofs

WANTED = (
    *("F1", "F2", "F3", "F4", "F5", "F7", "F8", "F9", "F11", "F13", "F14", "F15", "F17"),
    *("F19", "F21", "F23", "F24", "F25", "F30"),
)


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.nemesis.faults"


def test_every_fault_has_a_test() -> None:
    found = proofs()
    assert set(WANTED) <= set(FAULTS)
    assert [number for number, tests in found.items() if not tests] == []


def test_every_fault_has_a_test_of_the_short_form() -> None:
    for number, tests in proofs().items():
        assert any(not proof.long for proof in tests), number
