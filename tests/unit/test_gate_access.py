from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.access import decide
from gate.visits import RETRIES, RETRY_WITHIN
from models.decision import Decision, Reason, Verdict
from models.facts import Facts
from models.home import Home
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.moment import Moment, Trust
from models.observation import FaceFault, FaceSeen, GuardPressed, GuardReason, PassShown, Sighting
from models.registry import Resident, ResidentKind
from models.visit import Claims, CodeFault, PassKind, PassUse, UseState

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
NOW = Moment(NOON, 1000.0)
LANE = Lane(
    2,
    "北门",
    LaneKind.PEDESTRIAN,
    frozenset(Direction),
    Drive.PULSE,
    frozenset({Credential.FACE, Credential.PASS}),
)
RESIDENT = Resident(
    "r1", "李雷", Home(3, 1, 502), ResidentKind.OWNER, None, frozenset({Credential.FACE})
)
CLAIMS = Claims(
    pass_id="a" * 32,
    host="b" * 16,
    compound="00112233",
    lanes=frozenset(),
    not_before=NOON - timedelta(hours=1),
    expires=NOON + timedelta(hours=1),
    uses=1,
    kind=PassKind.SINGLE,
    kid=1,
)
FACTS = Facts(lane=LANE, compound="00112233", today=date(2026, 11, 21))


def sighting(direction: Direction = Direction.ENTRY, age: float = 0.2, lane: int = 2) -> Sighting:
    return Sighting(lane, direction, NOW.mono - age)


def face(direction: Direction = Direction.ENTRY, age: float = 0.2, gallery: int = 5) -> FaceSeen:
    return FaceSeen(sighting(direction, age), "r1", None, 0.8, gallery, 1)


def shown(direction: Direction = Direction.ENTRY, age: float = 0.2) -> PassShown:
    return PassShown(sighting(direction, age), "KH1:...")


def use(
    number: int, direction: Direction, state: UseState, ago: float = 10, **more: int
) -> PassUse:
    lane = more.get("lane", 2)
    return PassUse(number, lane, direction, state, NOW.mono - ago, more.get("tries", 1))


def test_resident_face_opens() -> None:
    answer = decide(face(), replace(FACTS, resident=RESIDENT), NOW)
    assert (answer.verdict, answer.reason) == (Verdict.OPEN, Reason.RESIDENT)


@pytest.mark.parametrize(
    ("seen", "facts", "reason"),
    [
        (FaceSeen(sighting(), None, FaceFault.UNKNOWN, 0.2, 5, 1), FACTS, Reason.UNKNOWN_FACE),
        (FaceSeen(sighting(), None, FaceFault.AMBIGUOUS, 0.5, 5, 1), FACTS, Reason.AMBIGUOUS_FACE),
        (FaceSeen(sighting(), None, FaceFault.NOT_LIVE, 0.9, 5, 1), FACTS, Reason.NOT_LIVE),
        (face(gallery=4), replace(FACTS, resident=RESIDENT, gallery_floor=5), Reason.OLD_GALLERY),
        (face(), FACTS, Reason.UNKNOWN_FACE),
        (
            face(),
            replace(FACTS, resident=replace(RESIDENT, allowed=frozenset())),
            Reason.NOT_CHOSEN,
        ),
        (
            face(),
            replace(FACTS, resident=replace(RESIDENT, until=date(2026, 11, 20))),
            Reason.ENDED,
        ),
        (
            face(),
            replace(FACTS, lane=replace(LANE, credentials=frozenset({Credential.PASS}))),
            Reason.NOT_AT_THIS_LANE,
        ),
        (
            shown(),
            replace(FACTS, claims=replace(CLAIMS, compound="ffffffff")),
            Reason.WRONG_COMPOUND,
        ),
        (shown(), replace(FACTS, claims=replace(CLAIMS, lanes=frozenset({1}))), Reason.WRONG_LANE),
        (shown(), replace(FACTS, claims=CLAIMS, revoked=True), Reason.REVOKED),
        (face(), replace(FACTS, resident=RESIDENT, locked_down=True), Reason.LOCKED_DOWN),
    ],
)
def test_refusals_have_their_own_reason(seen: FaceSeen, facts: Facts, reason: Reason) -> None:
    answer = decide(seen, facts, NOW)
    assert (answer.verdict, answer.reason) == (Verdict.REFUSE, reason)


@pytest.mark.parametrize("fault", CodeFault)
def test_every_code_fault_is_a_reason_of_its_own(fault: CodeFault) -> None:
    answer = decide(shown(), replace(FACTS, code_fault=fault), NOW)
    asks = fault is CodeFault.CLOCK
    verdict = Verdict.ASK_GUARD if asks else Verdict.REFUSE
    assert (answer.verdict, answer.reason.value) == (verdict, fault.value)


def test_last_day_of_a_resident_still_opens() -> None:
    facts = replace(FACTS, resident=replace(RESIDENT, until=date(2026, 11, 21)))
    assert decide(face(), facts, NOW).verdict is Verdict.OPEN


@pytest.mark.parametrize("seen_by", [face, shown])
@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize(
    ("age", "fresh"), [(0.0, True), (3.0, True), (3.001, False), (-0.1, False)]
)
def test_nothing_late_opens(seen_by: object, direction: Direction, age: float, fresh: bool) -> None:
    facts = replace(FACTS, resident=RESIDENT, claims=CLAIMS)
    answer = decide(seen_by(direction, age), facts, NOW)  # type: ignore[operator]
    assert (answer.reason is not Reason.STALE) is fresh
    assert (answer.verdict is Verdict.OPEN) is fresh


@pytest.mark.parametrize(("age", "verdict"), [(0.5, Verdict.OPEN), (3.5, Verdict.REFUSE)])
def test_guard_opens_now_but_not_late(age: float, verdict: Verdict) -> None:
    pressed = GuardPressed(sighting(age=age), "wang", GuardReason.DELIVERY)
    assert decide(pressed, replace(FACTS, locked_down=True), NOW).verdict is verdict


MICROSECOND = timedelta(microseconds=1)
_EDGES = st.sampled_from([-MICROSECOND, timedelta(0), MICROSECOND])


@given(edge=st.sampled_from(["not_before", "expires"]), by=_EDGES, trust=st.sampled_from(Trust))
def test_window_is_half_open(edge: str, by: timedelta, trust: Trust) -> None:
    now = Moment(getattr(CLAIMS, edge) + by, NOW.mono, trust)
    answer = decide(shown(), replace(FACTS, claims=CLAIMS), now)
    if now.utc >= CLAIMS.expires:
        assert answer.reason is Reason.EXPIRED
    elif trust is Trust.UNKNOWN:
        assert answer.reason is Reason.CLOCK
    elif now.utc < CLAIMS.not_before:
        assert answer.reason is (Reason.NOT_YET if trust is Trust.TRUSTED else Reason.CLOCK)
    else:
        assert answer.verdict is Verdict.OPEN


def test_single_pass_goes_in_once_and_out_once() -> None:
    facts = replace(FACTS, claims=CLAIMS)
    went_in = decide(shown(), facts, NOW)
    assert (went_in.verdict, went_in.use) == (Verdict.OPEN, 1)
    facts = replace(facts, uses=(use(1, Direction.ENTRY, UseState.SPENT),))
    assert decide(shown(), facts, NOW).reason is Reason.USED
    went_out = decide(shown(Direction.EXIT), facts, NOW)
    assert (went_out.verdict, went_out.reason, went_out.use) == (Verdict.OPEN, Reason.VISITOR, 2)
    facts = replace(facts, uses=(*facts.uses, use(2, Direction.EXIT, UseState.SPENT)))
    assert decide(shown(), facts, NOW).reason is Reason.USED
    again = decide(shown(Direction.EXIT), facts, NOW)
    assert (again.verdict, again.reason, again.tell_guard) == (Verdict.OPEN, Reason.USED, True)
    assert again.use is None


def test_window_pass_has_its_number_of_ways_in() -> None:
    claims = replace(CLAIMS, kind=PassKind.WINDOW, uses=3)
    uses: tuple[PassUse, ...] = ()
    for number in (1, 2, 3):
        answer = decide(shown(), replace(FACTS, claims=claims, uses=uses), NOW)
        assert (answer.verdict, answer.use) == (Verdict.OPEN, number)
        uses = (*uses, use(number, Direction.ENTRY, UseState.SPENT))
    assert decide(shown(), replace(FACTS, claims=claims, uses=uses), NOW).reason is Reason.USED


def test_pass_that_came_in_leaves_even_when_expired_or_revoked() -> None:
    late = Moment(CLAIMS.expires + timedelta(days=2), NOW.mono)
    facts = replace(FACTS, claims=CLAIMS, uses=(use(1, Direction.ENTRY, UseState.SPENT, 9999),))
    answer = decide(shown(Direction.EXIT), facts, late)
    assert (answer.verdict, answer.reason, answer.tell_guard) == (
        Verdict.OPEN,
        Reason.VISITOR,
        False,
    )
    answer = decide(shown(Direction.EXIT), replace(facts, revoked=True), late)
    assert (answer.verdict, answer.reason, answer.tell_guard) == (
        Verdict.OPEN,
        Reason.REVOKED,
        True,
    )


@given(
    ago=st.sampled_from([0.0, 10.0, RETRY_WITHIN - 0.001, RETRY_WITHIN, RETRY_WITHIN + 0.001]),
    state=st.sampled_from(UseState),
    lane=st.sampled_from([1, 2]),
    tries=st.integers(1, RETRIES + 2),
)
def test_retry_is_the_same_use_at_the_same_lane_within_a_minute(
    ago: float, state: UseState, lane: int, tries: int
) -> None:
    before = use(1, Direction.ENTRY, state, ago, lane=lane, tries=tries)
    answer = decide(shown(), replace(FACTS, claims=CLAIMS, uses=(before,)), NOW)
    same = state is UseState.RETURNED and lane == 2 and ago <= RETRY_WITHIN and tries <= RETRIES
    assert (answer.verdict is Verdict.OPEN) is same
    assert answer.use == (1 if same else None)
    if not same:
        assert answer.reason is Reason.USED


@given(
    fault=st.sampled_from([None, *FaceFault]),
    code=st.sampled_from([None, *CodeFault]),
    revoked=st.booleans(),
    uses=st.lists(
        st.builds(use, st.integers(1, 9), st.sampled_from(Direction), st.sampled_from(UseState)),
        max_size=3,
    ),
    trust=st.sampled_from(Trust),
    days=st.integers(-2, 2),
)
def test_leaving_is_never_refused(
    fault: FaceFault | None,
    code: CodeFault | None,
    revoked: bool,
    uses: list[PassUse],
    trust: Trust,
    days: int,
) -> None:
    now = Moment(NOON + timedelta(days=days), NOW.mono, trust)
    facts = replace(
        FACTS,
        claims=None if code else CLAIMS,
        code_fault=code,
        revoked=revoked,
        uses=tuple(uses),
        resident=RESIDENT,
    )
    named = None if fault else "r1"
    person = FaceSeen(sighting(Direction.EXIT), named, fault, 0.5, 0, 1)
    for seen in (person, shown(Direction.EXIT)):
        assert decide(seen, facts, now).verdict is Verdict.OPEN
        locked = replace(facts, locked_down=True)
        assert decide(seen, locked, now).verdict is Verdict.REFUSE
        assert decide(seen, replace(locked, fire=True), now).verdict is Verdict.OPEN


def test_a_lock_down_stops_everyone_but_a_guard_and_nobody_in_a_fire() -> None:
    locked = replace(FACTS, resident=RESIDENT, claims=CLAIMS, locked_down=True)
    for way in Direction:
        for seen in (face(way), shown(way)):
            assert decide(seen, locked, NOW) == Decision(Verdict.REFUSE, Reason.LOCKED_DOWN)
            assert decide(seen, replace(locked, fire=True), NOW).reason is not Reason.LOCKED_DOWN
    burning = replace(locked, fire=True)
    assert decide(face(Direction.EXIT), burning, NOW).verdict is Verdict.OPEN
