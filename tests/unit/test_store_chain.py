"""The chain, the personal parts and what leaves for the centre, without any file."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.store import body as bodies
from edge.store import chain, wire
from edge.store.body import Body, Case
from edge.store.chain import GENESIS, Link
from edge.store.disk import Mark, mark_of
from models.decision import Reason
from models.errors import InputError
from models.event import EventKind
from models.observation import FaceSeen, Observation, PassShown
from tests.fakes import store_words as say
from tests.fakes.store_words import NOW

_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
_LINKS = st.builds(
    Link,
    journal=_TEXT,
    seq=st.integers(1, 2**40),
    kind=_TEXT,
    at=_TEXT,
    trust=_TEXT,
    lane=st.none() | st.integers(1, 63),
    direction=st.none() | _TEXT,
    credential=st.none() | _TEXT,
    answer=_TEXT,
    reason=_TEXT,
    answers=st.none() | st.integers(1, 2**40),
    ms=st.none() | st.integers(0, 10_000),
    policy=st.none() | _TEXT,
    digest=st.binary(max_size=32),
)


@given(_LINKS, _LINKS)
def test_two_rows_share_a_hash_only_when_they_are_the_same_row(one: Link, other: Link) -> None:
    same = chain.row_hash(GENESIS, one) == chain.row_hash(GENESIS, other)
    assert same == (one == other)


@given(_LINKS, st.data())
@settings(max_examples=25)
def test_every_column_is_hashed(link: Link, data: st.DataObject) -> None:
    for column in fields(Link):
        before = getattr(link, column.name)
        fresh = data.draw(_LINKS.map(lambda one, name=column.name: getattr(one, name)))
        changed = replace(link, **{column.name: fresh})
        same = chain.row_hash(GENESIS, changed) == chain.row_hash(GENESIS, link)
        assert same == (before == fresh), column.name


@given(_LINKS, st.binary(min_size=32, max_size=32))
def test_a_hash_hangs_on_the_one_before(link: Link, before: bytes) -> None:
    same = chain.row_hash(before, link) == chain.row_hash(GENESIS, link)
    assert same == (before == GENESIS)


def test_a_word_that_is_no_unicode_is_refused() -> None:
    link = Link("j", 1, "k", "t", "t", None, None, None, "a", "\ud800", None, None, None, b"")
    with pytest.raises(InputError, match="Unicode"):
        chain.row_hash(GENESIS, link)
    with pytest.raises(InputError, match="Unicode"):
        bodies.encode(Body(note="\udcff"))


@pytest.mark.parametrize(
    "seen",
    [say.face("aa" * 8), say.face(None), say.shown(), say.pressed("a parcel", answers=4)],
    ids=["face", "stranger", "pass", "guard"],
)
def test_a_case_is_read_back_as_it_was_decided(seen: Observation) -> None:
    case = Case(seen, say.facts(claims=say.claims()), say.opens(Reason.GUARD, use=1), NOW)
    body = bodies.body_of(case, who="Zhang San", home="3-1-502", crop=b"crop")
    again = bodies.case_of(bodies.decode_body(bodies.encode(body)))
    assert again is not None
    assert (again.facts, again.decision, again.now) == (case.facts, case.decision, case.now)
    assert again.seen == bodies.without_token(seen)


@given(st.text())
def test_a_shown_code_is_never_kept_and_never_an_error(text: str) -> None:
    seen = bodies.without_token(PassShown(say.sighting(), text))
    assert isinstance(seen, PassShown)
    assert len(seen.text) == len("sha256:") + 64
    assert bodies.encode(seen)


@given(st.floats(0, 1), st.floats(0, 1e9))
def test_numbers_of_an_observation_survive_exactly(score: float, captured: float) -> None:
    sight = replace(say.sighting(), captured=captured)
    seen = FaceSeen(sight, "aa" * 8, None, score, gallery=1, track=1)
    case = Case(seen, say.facts(), say.opens(Reason.RESIDENT), NOW)
    body = bodies.body_of(case, who=None, home=None, crop=None)
    again = bodies.case_of(bodies.decode_body(bodies.encode(body)))
    assert again == case


def test_an_unreadable_body_shows_no_names() -> None:
    assert bodies.decode_names(b"{") == bodies.Names()
    assert bodies.case_of(Body(note="an admin note")) is None


def test_what_leaves_can_be_walked_and_forgotten() -> None:
    link = Link("j", 2, "decision", "t", "x", 1, None, None, "opened", "r", None, 5, "1", b"\x01")
    sent = wire.wire_body(link, b"\x02" * 32, Body(who="Zhang", person="aa", home="3-1-502"))
    told = json.loads(sent)
    assert (told["resident"], told["home"], told["ms"]) == ("aa", "3-1-502", 5)
    assert (told["before"], told["digest"]) == ("02" * 32, "01")
    assert b"Zhang" not in sent
    forgotten = json.loads(wire.forgotten(sent))
    assert forgotten == {**told, "resident": None, "home": None}


@pytest.mark.parametrize(
    ("kind", "answer", "reason", "urgent"),
    [
        (EventKind.DECISION, "opened", "resident", False),
        (EventKind.DECISION, "refused", "forged", True),
        (EventKind.DECISION, "asked", "clock", True),
        (EventKind.FAULT, "", "camera", True),
        (EventKind.START, "", "start", False),
    ],
)
def test_security_goes_first(kind: EventKind, answer: str, reason: str, urgent: bool) -> None:
    assert (wire.priority_of(kind, answer, reason) == wire.URGENT) == urgent


@pytest.mark.parametrize(
    ("free", "mark"),
    [
        (31, Mark.NONE),
        (30, Mark.NOTICE),
        (16, Mark.NOTICE),
        (15, Mark.WARNING),
        (6, Mark.WARNING),
        (5, Mark.ALARM),
        (0, Mark.ALARM),
    ],
)
def test_the_watermarks_are_passed_at_their_percent(free: int, mark: Mark) -> None:
    assert mark_of(100, free) is mark
