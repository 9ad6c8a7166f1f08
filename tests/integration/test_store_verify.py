"""The journal under a forger's hand, after an erasure, and asked to decide again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edge.store.replay import replay
from edge.store.store import Store
from edge.store.verify import verify
from gate.access import POLICY, decide
from models.decision import Decision, Reason, Verdict
from models.errors import StoreFault
from models.event import EventKind
from models.facts import Facts
from models.moment import Moment
from models.observation import Observation
from models.registry import Resident, ResidentKind
from tests.fakes import store_words as say
from tests.fakes.store_site import quick_folder
from tests.fakes.store_words import HOME, NOW

_COLUMNS = (
    "journal", "kind", "at", "trust", "lane", "direction", "credential", "answer", "reason",
    "answers", "ms", "policy", "digest", "hash",
)  # fmt: skip


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made / "state"


def decided(store: Store, seen: Observation, facts: Facts) -> int:
    """Record what the real policy decides."""
    return store.record(
        seen,
        facts,
        decide(seen, facts, NOW),
        NOW,
        intent=None,
        crop=None,
        policy=POLICY,
        who=None if facts.resident is None else facts.resident.name,
        home=None,
    )


def lived_in(folder: Path) -> tuple[Resident, list[int]]:
    """Leave a closed store behind with a day's work in it."""
    with Store.open(folder, NOW, ballast=0) as store:
        person = store.add_resident("Zhang San", HOME, ResidentKind.OWNER, None, NOW)
        store.enrol(person.resident_id, say.consent(), say.templates(), NOW)
        person = store.residents()[0]
        seqs = [
            decided(store, replace(say.face(person.resident_id)), say.facts(resident=person)),
            decided(store, say.face(None), say.facts()),
            decided(store, say.shown(), say.facts(claims=say.claims())),
            decided(store, say.pressed(), say.facts()),
        ]
        store.note(EventKind.CALL, "call", NOW, lane=1)
        store.sign_head(NOW)
    return person, seqs


def tamper(folder: Path, *statements: str) -> None:
    """Write past the store, as someone with the disk in their hand."""
    with closing(sqlite3.connect(folder / "register.db", isolation_level=None)) as raw:
        raw.execute("DROP TRIGGER IF EXISTS event_never_update")
        raw.execute("DROP TRIGGER IF EXISTS event_never_delete")
        for statement in statements:
            assert raw.execute(statement).rowcount > 0


def test_an_untouched_journal_holds(folder: Path) -> None:
    lived_in(folder)
    found = verify(folder)
    assert (found.ok, found.erased, found.broken, found.first_bad) == (7, 0, 0, None)
    assert found.heads == 1


def test_a_running_store_is_verified_beside_its_core(folder: Path) -> None:
    lived_in(folder)
    with Store.open(folder, NOW, ballast=0) as store:
        store.note(EventKind.CALL, "call", NOW)
        assert verify(folder).ok == 9


def test_any_changed_column_names_its_row(folder: Path) -> None:
    _, seqs = lived_in(folder)
    pristine = (folder / "register.db").read_bytes()
    for column in _COLUMNS:
        for forged in ("'other'", "1e999", "x'ff00'", "CAST(x'ff' AS TEXT)"):
            (folder / "register.db").write_bytes(pristine)
            tamper(folder, f"UPDATE event SET {column} = {forged} WHERE seq = {seqs[1]}")
            found = verify(folder)
            assert found.first_bad == seqs[1], (column, forged)
            assert found.broken in (1, 2)


@pytest.mark.parametrize(
    "change",
    ["body = CAST(body || ' ' AS BLOB)", "salt = zeroblob(16)", "person = 'somebody-else'"],
)
def test_a_changed_personal_part_names_its_row(folder: Path, change: str) -> None:
    _, seqs = lived_in(folder)
    tamper(folder, f"UPDATE personal SET {change} WHERE seq = {seqs[0]}")
    assert verify(folder).first_bad == seqs[0]


def test_a_missing_row_is_named(folder: Path) -> None:
    _, seqs = lived_in(folder)
    tamper(folder, f"DELETE FROM event WHERE seq = {seqs[2]}")
    assert verify(folder).first_bad == seqs[2]


def test_a_rewritten_chain_is_betrayed_by_its_signed_head(folder: Path) -> None:
    lived_in(folder)
    last = "(SELECT max(seq) FROM event)"
    tamper(
        folder,
        f"DELETE FROM outbox WHERE seq = {last}",
        f"DELETE FROM event WHERE seq = {last}",
    )
    found = verify(folder)
    assert found.first_bad == 7
    assert "head" in found.why


def test_a_forged_head_is_named(folder: Path) -> None:
    lived_in(folder)
    tamper(folder, "UPDATE head SET signature = zeroblob(64)")
    found = verify(folder)
    assert (found.first_bad, found.heads) == (7, 0)


def test_a_cut_tail_leaves_parts_behind(folder: Path) -> None:
    lived_in(folder)
    tamper(folder, "DELETE FROM head", "DELETE FROM event WHERE seq = 7")
    assert verify(folder).first_bad == 7


def test_the_file_itself_refuses_to_change_an_event(folder: Path) -> None:
    lived_in(folder)
    with closing(sqlite3.connect(folder / "register.db")) as raw:
        for statement in ("UPDATE event SET reason = 'x'", "DELETE FROM event"):
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                raw.execute(statement)


def test_an_erased_resident_is_erased_and_not_broken(folder: Path) -> None:
    person, _ = lived_in(folder)
    with Store.open(folder, NOW, ballast=0) as store:
        receipt = store.remove_resident(person.resident_id, NOW)
    found = verify(folder)
    assert receipt.events == 2
    assert (found.erased, found.broken) == (2, 0)


def test_the_same_facts_get_the_same_answer(folder: Path) -> None:
    lived_in(folder)
    result = replay(folder, decide, POLICY)
    assert (result.agreed, result.differ, result.erased, result.other_policy) == (4, (), 0, 0)


def test_another_answer_is_shown(folder: Path) -> None:
    _, seqs = lived_in(folder)

    def lenient(seen: Observation, facts: Facts, now: Moment) -> Decision:
        answer = decide(seen, facts, now)
        if answer.reason is Reason.UNKNOWN_FACE:
            return Decision(Verdict.OPEN, Reason.RESIDENT)
        return answer

    result = replay(folder, lenient, POLICY)
    assert result.agreed == 3
    (difference,) = result.differ
    assert difference.seq == seqs[1]
    assert difference.recorded == Decision(Verdict.REFUSE, Reason.UNKNOWN_FACE)
    assert difference.again == Decision(Verdict.OPEN, Reason.RESIDENT)


def test_erased_and_other_policies_are_listed_apart(folder: Path) -> None:
    person, _ = lived_in(folder)
    assert replay(folder, decide, "another policy").other_policy == 4
    with Store.open(folder, NOW, ballast=0) as store:
        store.remove_resident(person.resident_id, NOW)
    result = replay(folder, decide, POLICY)
    assert (result.agreed, result.erased) == (3, 1)


def test_a_decision_that_cannot_be_read_is_no_agreement(folder: Path) -> None:
    _, seqs = lived_in(folder)
    tamper(folder, f"UPDATE personal SET body = '[]' WHERE seq = {seqs[0]}")
    (difference,) = replay(folder, decide, POLICY).differ
    assert (difference.seq, difference.recorded) == (seqs[0], None)


def test_a_folder_without_a_store_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="no store"):
        verify(tmp_path)
    with pytest.raises(StoreFault, match="no store"):
        replay(tmp_path, decide, POLICY)
