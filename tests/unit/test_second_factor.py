"""A resident who is never asked to move: the face alone opens no lane that wants a movement."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision_gallery import GalleryParts
from edge.web.public_words import words_for
from edge.wire import GalleryPart
from gate.access import decide
from models.card import Card, CardShown
from models.decision import Reason, Verdict
from models.facts import Facts
from models.home import Home
from models.lane import Credential, Direction, Drive, Lane, LaneKind, Liveness
from models.moment import Moment
from models.observation import Alive, FaceSeen, Sighting
from models.registry import Resident, ResidentKind
from models.signal import Signal
from tests.fakes.compound import Compound, Said

_NOW = Moment(datetime(2026, 11, 21, 4, 0, tzinfo=UTC), 1000.0)
_WAYS = frozenset({Credential.FACE, Credential.PASS, Credential.CARD})
_LANE = Lane(2, "北门", LaneKind.PEDESTRIAN, frozenset(Direction), Drive.PULSE, _WAYS)
_MARKED = Resident(
    "r1", "李雷", Home(3, 1, 502), ResidentKind.OWNER, None, _WAYS, second_factor=True
)
_FACTS = Facts(_LANE, "00112233", date(2026, 11, 21), resident=_MARKED)


def _face(alive: Alive, direction: Direction = Direction.ENTRY) -> FaceSeen:
    at = Sighting(2, direction, _NOW.mono - 0.2)
    return FaceSeen(at, "r1", None, 0.8, 5, 1, alive=alive)


@given(
    st.sampled_from(Alive), st.sampled_from(ResidentKind), st.none() | st.integers(1, 99), st.data()
)
def test_the_face_of_a_marked_resident_alone_opens_no_challenge_lane(
    alive: Alive, kind: ResidentKind, confirms: int | None, data: st.DataObject
) -> None:
    allowed = frozenset(data.draw(st.sets(st.sampled_from(Credential))))
    facts = replace(
        _FACTS,
        lane=replace(_LANE, liveness=Liveness.CHALLENGE),
        resident=replace(_MARKED, kind=kind, allowed=allowed),
        confirms=confirms,
    )
    assert decide(_face(alive), facts, _NOW).verdict is Verdict.REFUSE


@pytest.mark.parametrize(
    ("alive", "reason"),
    [
        (Alive.UNCHECKED, Reason.NOT_LIVE),
        (Alive.PASSIVE, Reason.SECOND_FACTOR),
        (Alive.MOVED, Reason.SECOND_FACTOR),
    ],
)
def test_who_looks_alive_is_asked_for_a_second_way_and_a_picture_is_a_picture(
    alive: Alive, reason: Reason
) -> None:
    facts = replace(_FACTS, lane=replace(_LANE, liveness=Liveness.CHALLENGE))
    assert decide(_face(alive), facts, _NOW).reason is reason
    ended = replace(facts, resident=replace(_MARKED, until=date(2026, 11, 20)))
    assert decide(_face(alive), ended, _NOW).reason is Reason.ENDED


@pytest.mark.parametrize("level", [Liveness.OFF, Liveness.PASSIVE])
def test_where_nobody_is_asked_to_move_the_mark_changes_nothing(level: Liveness) -> None:
    facts = replace(_FACTS, lane=replace(_LANE, liveness=level))
    assert decide(_face(Alive.PASSIVE), facts, _NOW).verdict is Verdict.OPEN


@pytest.mark.parametrize("alive", Alive)
def test_a_marked_resident_leaves_like_everybody(alive: Alive) -> None:
    facts = replace(_FACTS, lane=replace(_LANE, liveness=Liveness.CHALLENGE))
    assert decide(_face(alive, Direction.EXIT), facts, _NOW).verdict is Verdict.OPEN


def test_a_card_of_the_same_resident_opens() -> None:
    facts = replace(
        _FACTS,
        lane=replace(_LANE, liveness=Liveness.CHALLENGE),
        card=Card("a" * 64, "r1", "", None),
        confirms=7,
    )
    shown = CardShown(Sighting(2, Direction.ENTRY, _NOW.mono - 0.2), "a" * 64)
    answer = decide(shown, facts, _NOW)
    assert (answer.verdict, answer.reason) == (Verdict.OPEN, Reason.RESIDENT)


def test_the_gate_says_what_to_do_and_nothing_about_the_person() -> None:
    assert words_for(Signal.REFUSED, Reason.SECOND_FACTOR) == "second_factor"


# --- at a lane ------------------------------------------------------------------------------------


def _site() -> tuple[Compound, Resident]:
    site = Compound(liveness=Liveness.CHALLENGE)
    person = site.resident()
    site.store.mark_second_factor(person.resident_id, True, "chen", site.clocks.now())
    return site, person


def _shows_face(site: Compound, person: Resident) -> Said:
    return site.show(replace(site.face(2, person), alive=Alive.PASSIVE))


def _answers(site: Compound, seq: int) -> int | None:
    return next(one.answers for one in site.store.events(limit=200) if one.seq == seq)


def test_face_and_then_a_pass_of_the_same_home_both_stand_in_the_journal() -> None:
    site, person = _site()
    face = _shows_face(site, person)
    assert (face.answer, face.reason) == ("refused", Reason.SECOND_FACTOR)
    assert site.actuations() == []
    code = site.show(site.code(site.token(host=person.resident_id)))
    assert (code.answer, code.reason) == ("opened", Reason.VISITOR)
    assert _answers(site, code.seq) == face.seq
    row = next(one for one in site.store.events(limit=200) if one.seq == face.seq)
    assert (row.who, row.reason) == (person.name, Reason.SECOND_FACTOR)


def test_a_code_of_somebody_else_or_too_late_is_not_the_second_factor() -> None:
    for wait, own in ((0.0, False), (25.0, True)):
        site, person = _site()
        _shows_face(site, person)
        site.settle(wait)
        token = site.token(host=person.resident_id if own else "a1" * 8)
        assert _answers(site, site.show(site.code(token)).seq) is None


def test_what_is_refused_deals_with_nothing() -> None:
    site, person = _site()
    face = _shows_face(site, person)
    spent = site.token(host=person.resident_id, hours=0.5)
    refused = site.show(site.code(spent))
    assert (refused.answer, _answers(site, refused.seq)) == ("refused", None)
    opened = site.show(site.code(site.token(host=person.resident_id, number=8)))
    assert _answers(site, opened.seq) == face.seq


def test_a_mark_makes_a_new_gallery_that_carries_it() -> None:
    site, person = _site()
    gallery = site.store.gallery(date(2026, 11, 21))
    assert gallery.second_factor == {person.resident_id}
    site.store.mark_second_factor(person.resident_id, False, "chen", site.clocks.now())
    after = site.store.gallery(date(2026, 11, 21))
    assert (after.second_factor, after.version > gallery.version) == (frozenset(), True)


def test_marks_come_with_any_part_of_the_gallery() -> None:
    row = ("r1", "3-1-502", "e:1", b"v")
    parts = GalleryParts()
    assert parts.add(GalleryPart(3, 0, 2, (row,), ("r1",))) is None
    whole = parts.add(GalleryPart(3, 1, 2, (("r2", *row[1:]),)))
    assert whole is not None
    assert whole.second_factor == {"r1"}
