"""What a passage must be before anything is learnt of it, and who must still agree afterwards."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, create_engine

from edge.store import consents, gallery, people
from edge.store.consents import Purpose
from edge.store.learning import Passage
from edge.store.tables import REGISTER
from models.home import Home
from models.registry import Consent, ResidentKind
from models.template import Template
from tests.fakes.store_words import TODAY

_AT = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
_GOOD = Passage("decision", "face", "opened", "resident", "2026-05-01T08:00", "2026-04-30T08:00")
_PHOTO = Template("sface-1", b"P" * 512)
_LEARNT = Template.of_passage("sface-1", b"L" * 512)
_NOT = Template.of_another("sface-1", b"N" * 512)


def test_a_resident_who_agreed_and_was_let_in_by_face_may_be_learnt_from() -> None:
    assert _GOOD.why_not == ""
    assert replace(_GOOD, at=_GOOD.agreed or "").why_not == ""


def test_nothing_is_learnt_without_consent() -> None:
    assert "has not agreed" in replace(_GOOD, agreed=None).why_not


def test_nothing_is_learnt_of_what_was_before_the_consent() -> None:
    assert "before" in replace(_GOOD, at="2026-04-30T07:59").why_not


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("refused", "not_live"),
        ("opened", "not_live"),
        ("opened", "old_gallery"),
        ("opened", "ended"),
        ("opened", "unpaired"),
        ("opened", "unknown_face"),
        ("opened", "guard"),
        ("asked", "resident"),
        ("refused", "resident"),
    ],
)
def test_nothing_is_learnt_of_an_opening_in_spite_of_doubt(answer: str, reason: str) -> None:
    passage = replace(_GOOD, answer=answer, reason=reason)
    assert "did not open for a resident" in passage.why_not


@pytest.mark.parametrize(
    ("kind", "credential"),
    [("decision", "card"), ("decision", "pass"), ("decision", None), ("report", "face")],
)
def test_nothing_is_learnt_of_a_row_that_is_no_face(kind: str, credential: str | None) -> None:
    assert replace(_GOOD, kind=kind, credential=credential).why_not


@pytest.fixture
def register() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    REGISTER.create_all(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _agree(register: Connection, resident: str, purpose: Purpose, after: int = 0) -> None:
    at = _AT + timedelta(hours=after)
    consents.give(register, resident, Consent("2026-05", at, "desk", "wang"), purpose)


def test_what_was_learnt_names_nobody_who_does_not_agree_any_more(register: Connection) -> None:
    person = people.new_resident("Zhang San", Home(3, 1, 502), ResidentKind.OWNER, None)
    people.add(register, person, _AT)
    people.choose_face(register, person.resident_id, "f0", Consent("1", _AT, "desk", "wang"))
    sealed = {"f0": (_PHOTO, _NOT, _LEARNT)}

    def named() -> list[Template]:
        return [one for _, _, one in gallery.rows_of(register, sealed, TODAY)]

    assert named() == [_PHOTO, _NOT]
    _agree(register, person.resident_id, Purpose.LEARNING)
    assert named() == [_PHOTO, _NOT, _LEARNT]
    consents.withdraw(register, person.resident_id, _AT, Purpose.LEARNING)
    assert named() == [_PHOTO, _NOT]
    _agree(register, person.resident_id, Purpose.LEARNING)
    people.drop_face(register, person.resident_id, _AT)
    people.choose_face(register, person.resident_id, "f0", Consent("2", _AT, "desk", "wang"))
    assert named() == [_PHOTO, _NOT], "who is enrolled anew is asked anew"


def test_the_consent_to_the_face_is_none_to_learning(register: Connection) -> None:
    person = people.new_resident("Li Si", Home(3, 1, 502), ResidentKind.OWNER, None)
    people.add(register, person, _AT)
    _agree(register, person.resident_id, Purpose.FACE)
    assert consents.learners(register) == frozenset()
    _agree(register, person.resident_id, Purpose.LEARNING)
    assert consents.learners(register) == {person.resident_id}
