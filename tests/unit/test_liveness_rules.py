"""What must be seen of a named face before it may open: levels, movements, back-off, mutants."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.lane import Liveness
from models.movement import Movement
from models.observation import Alive, FaceFault
from recognition.backoff import BackoffRules, Failures, failed, kept, rests
from recognition.challenge import PROVING, ChallengeRules
from recognition.face import Face
from recognition.liveness import LivenessRules
from recognition.movement import MovementRules
from tests.fakes.heads import HEAD, PRINT, View, doing, first, seen

_FAR = {Movement.TURN_LEFT: 38.0, Movement.TURN_RIGHT: 38.0, Movement.NOD: 20.0}
_STILL = [(number / 10, seen(HEAD)) for number in range(300)]


def test_a_lane_without_liveness_tells_at_once_and_checks_nothing() -> None:
    told = View(Liveness.OFF).show(_STILL[:3], score=0.0)
    assert [(one.said.resident, one.alive) for one in told] == [("r1", Alive.UNCHECKED)]


def test_passive_lets_in_what_looks_alive_and_refuses_what_does_not() -> None:
    let_in = View(Liveness.PASSIVE).show(_STILL[:20], score=0.9)[0]
    assert (let_in.said.resident, let_in.alive) == ("r1", Alive.PASSIVE)
    refused = View(Liveness.PASSIVE).show(_STILL[:20], score=0.2)[0]
    assert (refused.said.resident, refused.said.fault) == (None, FaceFault.NOT_LIVE)


@pytest.mark.parametrize("asked", PROVING)
@pytest.mark.parametrize("made", PROVING)
def test_a_challenge_is_met_by_the_asked_movement_only(asked: Movement, made: Movement) -> None:
    view = View(Liveness.CHALLENGE)
    told = view.show(doing(HEAD, made, _FAR[made]), asked)
    assert first(told) is (Alive.MOVED if asked is made else None)
    assert view.asked == [asked, None]
    assert (told[0].said.resident == "r1") is (asked is made)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(PROVING), st.floats(-45, 45))
def test_no_print_that_is_tilted_meets_a_challenge(asked: Movement, degrees: float) -> None:
    assert first(View(Liveness.CHALLENGE).show(doing(PRINT, asked, degrees), asked)) is None


def test_a_still_face_is_refused_after_twenty_seconds_and_not_before() -> None:
    view = View(Liveness.CHALLENGE)
    assert view.show(_STILL[:200]) == []
    told = view.show([(since, face) for since, face in _STILL[200:230]])
    assert [one.said.fault for one in told] == [FaceFault.NOT_LIVE]
    assert view.asked == [Movement.TURN_LEFT, None]


def test_what_is_surely_a_picture_is_not_even_asked() -> None:
    view = View(Liveness.CHALLENGE)
    assert first(view.show(doing(HEAD, Movement.NOD, 20.0), Movement.NOD, score=0.02)) is None
    assert view.asked == []


def test_a_movement_that_began_before_it_was_asked_does_not_count() -> None:
    frames = doing(HEAD, Movement.NOD, 24.0, begins=0.08)
    assert first(View(Liveness.CHALLENGE).show(frames, Movement.NOD)) is None


def test_what_hides_the_cameras_scene_is_a_picture() -> None:
    for level in (Liveness.PASSIVE, Liveness.CHALLENGE):
        told = View(level).show(doing(HEAD, Movement.NOD, 20.0), Movement.NOD, hidden=True)
        assert first(told) is None
        assert told[0].said.fault is FaceFault.NOT_LIVE


def test_before_the_known_scene_depth_that_shows_by_itself_needs_no_asking() -> None:
    turned = [
        (number / 10, seen(HEAD, left=angle)) for number, angle in enumerate([35] * 4 + [0] * 3)
    ]
    view = View(Liveness.CHALLENGE)
    told = view.show(turned, Movement.NOD, hidden=False)
    assert first(told) is Alive.MOVED
    assert view.asked == []
    assert first(View(Liveness.CHALLENGE).show(turned, Movement.NOD, hidden=None)) is None


def test_a_face_that_leaves_takes_its_question_along() -> None:
    view = View(Liveness.CHALLENGE)
    view.show(_STILL[:20], track=1)
    view.show(_STILL[20:22], track=2, resident=None)
    assert view.asked == [Movement.TURN_LEFT, None]


def test_who_moved_is_believed_for_a_while_only() -> None:
    view = View(Liveness.CHALLENGE)
    view.show(doing(HEAD, Movement.NOD, 20.0), Movement.NOD)
    later = view.show(_STILL[55:200], Movement.NOD)
    assert first(later) is Alive.MOVED
    assert 50 < len(later) < 100
    assert view.asked == [Movement.NOD, None, Movement.NOD]


@pytest.mark.parametrize(
    ("score", "hidden", "alive"),
    [(0.4, False, True), (0.4, None, False), (0.6, None, True), (0.2, False, False)],
)
def test_where_the_scene_is_not_known_a_movement_must_look_more_alive(
    score: float, hidden: bool | None, alive: bool
) -> None:
    frames = doing(HEAD, Movement.NOD, 20.0)
    told = View(Liveness.CHALLENGE).show(frames, Movement.NOD, score=score, hidden=hidden)
    assert first(told) is (Alive.MOVED if alive else None)


def test_whoever_is_not_to_be_asked_is_rated_and_never_asked() -> None:
    view, spared = View(Liveness.CHALLENGE), frozenset({"r1"})
    frames = doing(HEAD, Movement.NOD, 20.0)
    told = view.show(frames, Movement.NOD, unasked=spared)
    assert first(told) is Alive.PASSIVE
    assert view.asked == []
    picture = View(Liveness.CHALLENGE).show(frames, Movement.NOD, score=0.2, unasked=spared)
    assert picture[0].said.fault is FaceFault.NOT_LIVE
    other = View(Liveness.CHALLENGE)
    assert first(other.show(frames, Movement.NOD, unasked=frozenset({"r2"}))) is Alive.MOVED
    assert other.asked == [Movement.NOD, None]


def test_a_question_is_taken_back_once_its_face_is_not_to_be_asked() -> None:
    view = View(Liveness.CHALLENGE)
    view.show(_STILL[:20])
    assert view.asked == [Movement.TURN_LEFT]
    told = view.show(_STILL[20:30], unasked=frozenset({"r1"}))
    assert first(told) is Alive.PASSIVE
    assert view.asked == [Movement.TURN_LEFT, None]


# --- back-off -----------------------------------------------------------------------------------


def _until_it_rests(view: View) -> float:
    """Show a picture until its track rests; return when, in seconds since the first frame."""
    for number in range(1000):
        told = view.show([(number / 10, _STILL[0][1])], score=0.0)
        if told and told[0].failures == view.rules.backoff.most:
            return number / 10
    message = "the track never rests"
    raise AssertionError(message)


def _answers(view: View, start: float) -> int:
    """Return how many answers a picture gets in 29 seconds from `start`."""
    frames = [(start + number / 10, _STILL[0][1]) for number in range(290)]
    return len(view.show(frames, score=0.0))


def _law_five_failures_and_thirty_seconds(rules: LivenessRules) -> None:
    view = View(Liveness.PASSIVE, rules)
    view.show(_STILL[:2])
    at = _until_it_rests(view)
    assert view.living.failures.of(1) == 5
    assert _answers(view, at + 0.1) == 0
    assert _answers(view, at + 30.2) > 0


def test_five_failures_and_thirty_seconds() -> None:
    _law_five_failures_and_thirty_seconds(LivenessRules())


@pytest.mark.parametrize(
    "mutant",
    [BackoffRules(most=6), BackoffRules(rest=20.0), BackoffRules(most=10_000)],
    ids=["six", "twenty seconds", "never"],
)
def test_that_law_bites(mutant: BackoffRules) -> None:
    with pytest.raises(AssertionError):
        _law_five_failures_and_thirty_seconds(replace(LivenessRules(), backoff=mutant))


def test_back_off_delays_no_other_person() -> None:
    view = View(Liveness.PASSIVE)
    view.show(_STILL[:2])
    at = _until_it_rests(view)
    frames = [(at + 0.1 + number / 10, seen(HEAD)) for number in range(20)]
    assert first(view.show(frames, score=0.9, track=2)) is Alive.PASSIVE


def test_unknown_faces_count_for_nothing() -> None:
    view = View(Liveness.CHALLENGE)
    view.show(_STILL[:290], score=0.0, resident=None)
    assert view.living.failures == Failures()


@given(st.lists(st.tuples(st.integers(1, 3), st.floats(0, 100)), max_size=40), st.integers(1, 3))
def test_only_a_tracks_own_failures_let_it_rest(rows: list[tuple[int, float]], track: int) -> None:
    rules, failures = BackoffRules(), Failures()
    for number, at in sorted(rows, key=lambda row: row[1]):
        failures = failed(failures, number, at)
    own = sorted(at for number, at in rows if number == track)
    assert failures.of(track) == len(own)
    resting = len(own) >= 5 and 0 <= 101.0 - own[-1] < 30.0
    assert rests(failures, track, 101.0, rules) is resting
    assert kept(failures, []) == Failures()


# --- each rule of a challenge, and the mutant without it ----------------------------------------


def _bent() -> list[tuple[float, Face]]:
    """Return a print bent about an upright axis and rolled along, with much of a head's yaw."""
    shape = PRINT.copy()
    shape[:, 2] = [-1.2, -1.2, 0.9, -0.8, -0.8]
    return doing(shape, Movement.TURN_LEFT, 38.0)


def _law_a_shallow_face_is_flat(rules: LivenessRules) -> None:
    assert first(View(Liveness.CHALLENGE, rules).show(_bent(), Movement.TURN_LEFT)) is None


def _law_nobody_moves_before_reading(rules: LivenessRules) -> None:
    frames = doing(HEAD, Movement.NOD, 24.0, begins=0.08)
    assert first(View(Liveness.CHALLENGE, rules).show(frames, Movement.NOD)) is None


def _law_what_looks_like_a_picture_is_one(rules: LivenessRules) -> None:
    view = View(Liveness.CHALLENGE, rules)
    frames = doing(HEAD, Movement.NOD, 20.0)
    assert first(view.show(frames, Movement.NOD, score=0.15, hidden=False)) is None


def _law_before_an_unknown_scene_it_is_one_sooner(rules: LivenessRules) -> None:
    view = View(Liveness.CHALLENGE, rules)
    frames = doing(HEAD, Movement.NOD, 20.0)
    assert first(view.show(frames, Movement.NOD, score=0.4, hidden=None)) is None


_HASTY = ChallengeRules(reaction=0.0)
_SHALLOW = ChallengeRules(movement=MovementRules(turn=0.12), turn_depth=0.0)
_LAWS = (
    (_law_a_shallow_face_is_flat, LivenessRules(challenge=_SHALLOW)),
    (_law_nobody_moves_before_reading, LivenessRules(challenge=_HASTY)),
    (_law_what_looks_like_a_picture_is_one, LivenessRules(moving=0.0)),
    (_law_before_an_unknown_scene_it_is_one_sooner, LivenessRules(live=0.25)),
)


@pytest.mark.parametrize(("law", "mutant"), _LAWS)
def test_each_rule_holds_and_bites(
    law: Callable[[LivenessRules], None], mutant: LivenessRules
) -> None:
    law(LivenessRules())
    with pytest.raises(AssertionError):
        law(mutant)


def test_a_wrong_movement_ends_the_challenge() -> None:
    one = doing(HEAD, Movement.TURN_LEFT, 38.0)
    other = [(since + 6, face) for since, face in doing(HEAD, Movement.TURN_RIGHT, 38.0)]
    view = View(Liveness.CHALLENGE)
    assert first(view.show([*one, *other], Movement.TURN_RIGHT)) is None
