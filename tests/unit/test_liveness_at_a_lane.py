"""A lane believes a face only with the signs of life that it wants, and asks for them in words."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from edge.inbox import Inbox, Seen
from edge.web.public_words import words_for
from edge.web.words import Language, read_words
from gate.access import FAILURES, decide
from models.decision import Decision, Reason, Verdict
from models.facts import Facts
from models.home import Home
from models.lane import Credential, Direction, Drive, Lane, LaneKind, Liveness
from models.moment import Moment
from models.movement import Movement, Prompt
from models.observation import Alive, FaceFault, FaceSeen, PassShown, Sighting
from models.registry import Resident, ResidentKind
from models.signal import Signal
from recognition.challenge import PROVING
from tests.fakes.compound import Compound

_NOW = Moment(datetime(2026, 11, 21, 4, 0, tzinfo=UTC), 1000.0)
_PERSON = Resident(
    "r1", "李雷", Home(3, 1, 502), ResidentKind.OWNER, None, frozenset({Credential.FACE})
)
_LANE = Lane(
    2,
    "北门",
    LaneKind.PEDESTRIAN,
    frozenset(Direction),
    Drive.PULSE,
    frozenset({Credential.FACE, Credential.PASS}),
)


def _answer(level: Liveness, alive: Alive, direction: Direction = Direction.ENTRY) -> Decision:
    facts = Facts(
        lane=replace(_LANE, liveness=level),
        compound="00112233",
        today=date(2026, 11, 21),
        resident=_PERSON,
    )
    at = Sighting(2, direction, _NOW.mono - 0.2)
    return decide(FaceSeen(at, "r1", None, 0.8, 5, 1, alive=alive), facts, _NOW)


@pytest.mark.parametrize(
    ("level", "enough"),
    [
        (Liveness.OFF, set(Alive)),
        (Liveness.PASSIVE, {Alive.PASSIVE, Alive.MOVED}),
        (Liveness.CHALLENGE, {Alive.MOVED}),
    ],
)
def test_a_named_face_opens_only_with_the_signs_of_life_that_the_lane_wants(
    level: Liveness, enough: set[Alive]
) -> None:
    for alive in Alive:
        answer = _answer(level, alive)
        assert (answer.verdict is Verdict.OPEN) is (alive in enough), alive
        assert answer.reason is (Reason.RESIDENT if alive in enough else Reason.NOT_LIVE)


@pytest.mark.parametrize("alive", Alive)
@pytest.mark.parametrize("level", Liveness)
def test_leaving_is_never_refused_for_want_of_life(level: Liveness, alive: Alive) -> None:
    answer = _answer(level, alive, Direction.EXIT)
    assert answer.verdict is Verdict.OPEN
    amiss = level is not Liveness.OFF and alive is Alive.UNCHECKED
    assert answer.tell_guard is amiss


def test_the_fifth_failure_comes_before_the_guard() -> None:
    facts = Facts(lane=_LANE, compound="00112233", today=date(2026, 11, 21))
    at = Sighting(2, Direction.ENTRY, _NOW.mono - 0.2)
    answers = [
        decide(FaceSeen(at, None, FaceFault.NOT_LIVE, 0.9, 5, 1, failures=count), facts, _NOW)
        for count in range(FAILURES + 2)
    ]
    asked = [answer.verdict is Verdict.ASK_GUARD for answer in answers]
    assert asked == [False] * FAILURES + [True] * 2
    assert {answer.reason for answer in answers} == {Reason.NOT_LIVE}
    unknown = FaceSeen(at, None, FaceFault.UNKNOWN, 0.1, 5, 1, failures=9)
    assert decide(unknown, facts, _NOW).verdict is Verdict.REFUSE


def _asked(site: Compound, movement: Movement | None, age: float = 0.1) -> None:
    site.keepers[1].inbox.put(Prompt(site.at(1, age=age), 7, movement))
    site.settle(0.2)


def test_the_screen_asks_for_a_movement_and_rests_when_it_is_taken_back() -> None:
    site = Compound()
    _asked(site, Movement.NOD)
    _asked(site, None)
    assert site.shown == [(1, Signal.WAIT, "nod"), (1, None, "")]
    assert site.relays.signals == []


def test_a_question_stands_for_twenty_seconds_at_most() -> None:
    site = Compound()
    _asked(site, Movement.TURN_LEFT)
    site.settle(15)
    assert len(site.shown) == 1
    site.settle(10)
    assert site.shown[-1] == (1, None, "")


def test_an_old_question_is_not_asked_and_an_answer_is_not_taken_back_with_it() -> None:
    site = Compound()
    _asked(site, Movement.NOD, age=10.0)
    assert site.shown == []
    site.show(site.face(1, None))
    _asked(site, None)
    assert [signal for _, signal, _ in site.shown] == [Signal.REFUSED]


def test_only_the_newest_question_waits_and_it_goes_before_cameras() -> None:
    inbox = Inbox()
    at = Sighting(1, Direction.ENTRY, 1.0)
    inbox.put(Seen(PassShown(at, "KH1:A")))
    for movement in (Movement.NOD, None):
        inbox.put(Prompt(at, 1, movement))
    first, second, third = (inbox.take(0) for _ in range(3))
    assert first == Prompt(at, 1, None)
    assert isinstance(second, Seen)
    assert third is None


@pytest.mark.parametrize("movement", Movement)
def test_every_movement_has_its_words_in_both_languages(movement: Movement) -> None:
    name = words_for(Signal.WAIT, movement)
    words = read_words()
    assert name == movement
    assert all(words[language].knows("gate", name) for language in Language)


def test_only_turns_are_asked_for_as_a_proof() -> None:
    assert set(PROVING) == {Movement.TURN_LEFT, Movement.TURN_RIGHT}
