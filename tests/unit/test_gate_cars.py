"""The answer to a plate, and what a car in a lane changes for everybody else there."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gate.access import decide
from gate.barrier import Barrier, Fitting, Tick, step
from gate.cars import SAME_VISIT
from gate.vehicle_presence import vehicle_presence
from models.card import Card, card_number
from models.command import Position
from models.decision import Decision, Reason, Verdict
from models.facts import Facts
from models.home import Home
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.moment import Moment, Trust
from models.observation import CardShown, FaceSeen, Observation, PassShown, PlateSeen, Sighting
from models.plate import Band, Ground, PlateKind, PlateReading
from models.registry import Resident, ResidentKind
from models.sensor import Input, Reading
from models.vehicle import CarPassage, Presence, Restriction, Vehicle, plate_text
from models.visit import Claims, PassKind, PassUse, UseState

NOW = Moment(datetime(2026, 11, 21, 4, 0, tzinfo=UTC), 1000.0)
TODAY = date(2026, 11, 21)
LANE = Lane(
    4,
    "车行",
    LaneKind.VEHICLE,
    frozenset(Direction),
    Drive.OPEN_CLOSE,
    frozenset(Credential) - {Credential.PIN, Credential.REMOTE},
)
BIKES = replace(LANE, kind=LaneKind.EBIKE, credentials=LANE.credentials - {Credential.PLATE})
CAR = Vehicle("v1", "京A12345", Home(3, 1, 502), None)
RESTRICTION = Restriction("x1", "京A12345", "法院裁定", "wang", "zhao", date(2027, 1, 1))
WAYS = frozenset({Credential.FACE, Credential.CARD})
RESIDENT = Resident("r1", "李雷", Home(3, 1, 502), ResidentKind.OWNER, None, WAYS)
CLAIMS = Claims(
    pass_id="a" * 32,
    host="b" * 16,
    compound="00112233",
    lanes=frozenset(),
    not_before=NOW.utc - timedelta(hours=1),
    expires=NOW.utc + timedelta(hours=1),
    uses=1,
    kind=PassKind.SINGLE,
    kid=1,
)
FACTS = Facts(
    lane=LANE, compound="00112233", today=TODAY, presence=Presence.THERE, resident=RESIDENT
)
CARD = Card("c" * 64, "r1", "蓝", None)
KNOWN = replace(FACTS, vehicle=CAR)
"""All that lets a car in."""
ANYTHING = replace(KNOWN, claims=CLAIMS, card=CARD)


def at(direction: Direction = Direction.ENTRY, age: float = 0.2) -> Sighting:
    return Sighting(4, direction, NOW.mono - age)


def plate(direction: Direction = Direction.ENTRY, band: Band = Band.ACCEPT) -> PlateSeen:
    reading = PlateReading("京A12345", PlateKind.ORDINARY, Ground.BLUE, 0.97, band)
    return PlateSeen(at(direction), reading, 1, nearing=True)


def others(direction: Direction) -> tuple[Observation, ...]:
    return (
        FaceSeen(at(direction), "r1", None, 0.9, 1, 1),
        PassShown(at(direction), "KH1:"),
        CardShown(at(direction), "c" * 64),
    )


def went(direction: Direction, state: UseState, ago: float | None = 10.0) -> CarPassage:
    return CarPassage(4, direction, state, None if ago is None else NOW.mono - ago)


_PRESENCE = st.sampled_from(Presence)
_WAY = st.sampled_from(Direction)
_FACTS = st.builds(
    lambda presence, vehicle, claims, passages, passback, restriction, revoked, uses: replace(
        FACTS,
        presence=presence,
        vehicle=vehicle,
        claims=claims,
        passages=tuple(passages),
        passback=passback,
        restriction=restriction,
        revoked=revoked,
        uses=tuple(uses),
        card=CARD,
    ),
    _PRESENCE,
    st.sampled_from([None, CAR, replace(CAR, until=date(2026, 11, 20))]),
    st.sampled_from([None, CLAIMS, replace(CLAIMS, lanes=frozenset({9}))]),
    st.lists(
        st.builds(
            CarPassage,
            st.sampled_from([4, 5]),
            _WAY,
            st.sampled_from(UseState),
            st.sampled_from([None, 999.0, 900.0, 1001.0]),
        ),
        max_size=3,
    ),
    st.booleans(),
    st.sampled_from([None, RESTRICTION]),
    st.booleans(),
    st.lists(
        st.builds(
            PassUse,
            st.integers(1, 3),
            st.just(4),
            _WAY,
            st.sampled_from(UseState),
            st.just(990.0),
            st.integers(1, 3),
        ),
        max_size=2,
    ),
)
_TRUST = st.sampled_from(Trust)


@example(replace(KNOWN, presence=Presence.CLEAR), Direction.ENTRY, Band.ACCEPT, Trust.TRUSTED)
@example(replace(KNOWN, presence=Presence.UNKNOWN), Direction.ENTRY, Band.ACCEPT, Trust.TRUSTED)
@given(facts=_FACTS, way=_WAY, band=st.sampled_from(Band), trust=_TRUST)
def test_no_plate_opens_without_a_vehicle(
    facts: Facts, way: Direction, band: Band, trust: Trust
) -> None:
    answer = decide(plate(way, band), facts, replace(NOW, trust=trust))
    if answer.verdict is Verdict.OPEN:
        assert facts.presence is not Presence.CLEAR
        assert facts.presence is Presence.THERE or way is Direction.EXIT
    elsewhere = replace(facts, lane=BIKES)
    assert decide(plate(way, band), elsewhere, NOW).verdict is Verdict.ASK_GUARD


@example(FACTS, Band.ACCEPT, Trust.TRUSTED)
@given(facts=_FACTS, band=st.sampled_from(Band), trust=_TRUST)
def test_no_car_is_kept_from_leaving(facts: Facts, band: Band, trust: Trust) -> None:
    now, leaving = replace(NOW, trust=trust), plate(Direction.EXIT, band)
    if facts.presence is not Presence.CLEAR:
        assert decide(leaving, facts, now).verdict is Verdict.OPEN
    for lane in (LANE, BIKES):
        for seen in others(Direction.EXIT):
            assert decide(seen, replace(facts, lane=lane), now).verdict is Verdict.OPEN


@example(ANYTHING, LANE, Trust.TRUSTED)
@given(facts=_FACTS, lane=st.sampled_from([LANE, BIKES]), trust=_TRUST)
def test_nothing_lets_a_car_in_that_is_kept_out(facts: Facts, lane: Lane, trust: Trust) -> None:
    facts = replace(facts, lane=lane, restriction=RESTRICTION)
    for seen in (plate(), *others(Direction.ENTRY)):
        assert decide(seen, facts, replace(NOW, trust=trust)).verdict is not Verdict.OPEN


@example(KNOWN, Band.ASK)
@given(facts=_FACTS, band=st.sampled_from([Band.ASK, Band.IGNORE]))
def test_what_was_not_surely_read_lets_nobody_in(facts: Facts, band: Band) -> None:
    assert decide(plate(Direction.ENTRY, band), facts, NOW).verdict is not Verdict.OPEN


@example(ANYTHING)
@given(facts=_FACTS)
def test_nothing_but_a_guard_opens_the_bicycle_lane_for_a_car(facts: Facts) -> None:
    facts = replace(facts, lane=BIKES, presence=Presence.THERE)
    for seen in (plate(), *others(Direction.ENTRY)):
        assert decide(seen, facts, NOW).verdict is not Verdict.OPEN


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (KNOWN, Decision(Verdict.OPEN, Reason.RESIDENT)),
        (FACTS, Decision(Verdict.ASK_GUARD, Reason.UNKNOWN_PLATE, tell_guard=True)),
        (
            replace(FACTS, vehicle=replace(CAR, until=date(2026, 11, 20))),
            Decision(Verdict.ASK_GUARD, Reason.ENDED, tell_guard=True),
        ),
        (
            replace(FACTS, vehicle=replace(CAR, until=TODAY)),
            Decision(Verdict.OPEN, Reason.RESIDENT),
        ),
        (
            replace(KNOWN, presence=Presence.CLEAR),
            Decision(Verdict.REFUSE, Reason.NO_VEHICLE, tell_guard=True),
        ),
        (
            replace(KNOWN, presence=Presence.UNKNOWN),
            Decision(Verdict.ASK_GUARD, Reason.NO_VEHICLE, tell_guard=True),
        ),
        (
            replace(KNOWN, restriction=RESTRICTION),
            Decision(Verdict.ASK_GUARD, Reason.RESTRICTED, tell_guard=True),
        ),
        (replace(FACTS, claims=CLAIMS), Decision(Verdict.OPEN, Reason.VISITOR, use=1)),
        (
            replace(FACTS, claims=CLAIMS, vehicle=replace(CAR, until=date(2026, 11, 1))),
            Decision(Verdict.OPEN, Reason.VISITOR, use=1),
        ),
        (
            replace(FACTS, claims=replace(CLAIMS, expires=NOW.utc)),
            Decision(Verdict.REFUSE, Reason.EXPIRED),
        ),
    ],
)
def test_a_car_on_its_way_in_gets_one_answer(facts: Facts, expected: Decision) -> None:
    assert decide(plate(), facts, NOW) == expected


def test_a_plate_pass_is_used_as_any_other() -> None:
    spent = PassUse(1, 4, Direction.ENTRY, UseState.SPENT, 990.0, 1)
    facts = replace(FACTS, claims=CLAIMS, uses=(spent,))
    assert decide(plate(), facts, NOW).reason is Reason.USED
    assert decide(plate(Direction.EXIT), facts, NOW) == Decision(
        Verdict.OPEN, Reason.VISITOR, use=2
    )
    tried = replace(facts, uses=(replace(spent, state=UseState.RETURNED),))
    assert decide(plate(), tried, NOW) == Decision(Verdict.OPEN, Reason.VISITOR, use=1)


@pytest.mark.parametrize(
    ("way", "last", "reason", "opens"),
    [
        (Direction.ENTRY, None, Reason.RESIDENT, True),
        (Direction.EXIT, None, Reason.UNPAIRED, True),
        (Direction.ENTRY, went(Direction.EXIT, UseState.SPENT), Reason.RESIDENT, True),
        (Direction.EXIT, went(Direction.ENTRY, UseState.SPENT), Reason.RESIDENT, True),
        (Direction.ENTRY, went(Direction.ENTRY, UseState.SPENT, SAME_VISIT), Reason.RESIDENT, True),
        (
            Direction.ENTRY,
            went(Direction.ENTRY, UseState.SPENT, SAME_VISIT + 0.01),
            Reason.ALREADY_INSIDE,
            False,
        ),
        (
            Direction.ENTRY,
            went(Direction.ENTRY, UseState.SPENT, None),
            Reason.ALREADY_INSIDE,
            False,
        ),
        (
            Direction.ENTRY,
            replace(went(Direction.ENTRY, UseState.SPENT), lane=5),
            Reason.ALREADY_INSIDE,
            False,
        ),
        (
            Direction.ENTRY,
            went(Direction.ENTRY, UseState.RETURNED, None),
            Reason.RESIDENT,
            True,
        ),
        (Direction.EXIT, went(Direction.EXIT, UseState.SPENT), Reason.RESIDENT, True),
        (Direction.EXIT, went(Direction.EXIT, UseState.SPENT, None), Reason.UNPAIRED, True),
    ],
)
def test_ways_in_and_out_are_paired(
    way: Direction, last: CarPassage | None, reason: Reason, opens: bool
) -> None:
    facts = replace(KNOWN, passages=() if last is None else (last,))
    answer = decide(plate(way), facts, NOW)
    assert (answer.verdict is Verdict.OPEN, answer.reason) == (opens, reason)
    assert answer.tell_guard is (reason is not Reason.RESIDENT)
    lenient = decide(plate(way), replace(facts, passback=False), NOW)
    assert lenient.verdict is Verdict.OPEN


def test_an_opening_that_came_to_nothing_does_not_hide_the_one_before() -> None:
    last = (
        went(Direction.ENTRY, UseState.RETURNED),
        went(Direction.ENTRY, UseState.SPENT, 500.0),
    )
    assert decide(plate(), replace(KNOWN, passages=last), NOW).reason is Reason.ALREADY_INSIDE


@pytest.mark.parametrize(
    ("card", "resident", "reason"),
    [
        (CARD, RESIDENT, Reason.RESIDENT),
        (None, None, Reason.UNKNOWN_CARD),
        (CARD, None, Reason.UNKNOWN_CARD),
        (replace(CARD, until=date(2026, 11, 20)), RESIDENT, Reason.ENDED),
        (CARD, replace(RESIDENT, until=date(2026, 11, 20)), Reason.ENDED),
        (CARD, replace(RESIDENT, allowed=frozenset({Credential.FACE})), Reason.NOT_CHOSEN),
    ],
)
def test_a_card_is_believed_as_long_as_its_holder(
    card: Card | None, resident: Resident | None, reason: Reason
) -> None:
    facts = replace(FACTS, card=card, resident=resident)
    shown = CardShown(at(), "c" * 64)
    answer = decide(shown, facts, NOW)
    assert (answer.verdict is Verdict.OPEN, answer.reason) == (reason is Reason.RESIDENT, reason)
    no_reader = replace(LANE, credentials=frozenset({Credential.PASS}))
    refused = decide(shown, replace(facts, lane=no_reader), NOW)
    assert refused == Decision(Verdict.REFUSE, Reason.NOT_AT_THIS_LANE)


LOOPS = Fitting(Drive.PULSE, frozenset(), 5.0, frozenset({Input.LOOP, Input.RADAR}))


def heard(*words: dict[Input, bool], every: float = 1.0) -> Barrier:
    barrier, now = Barrier(LOOPS), 0.0
    for active in words:
        now += every
        reading = Reading("gate-1", 4, Position.CLOSED, active, now)
        barrier, _ = step(barrier, reading, now)
    return step(barrier, Tick(), now)[0]


@pytest.mark.parametrize(
    ("active", "presence"),
    [
        ({Input.LOOP: True, Input.RADAR: False}, Presence.THERE),
        ({Input.LOOP: True}, Presence.THERE),
        ({Input.LOOP: False, Input.RADAR: False}, Presence.CLEAR),
        ({Input.LOOP: False}, Presence.UNKNOWN),
        ({}, Presence.UNKNOWN),
        ({Input.BEAM: True}, Presence.UNKNOWN),
    ],
)
def test_a_vehicle_is_there_by_one_input_and_away_by_all(
    active: dict[Input, bool], presence: Presence
) -> None:
    assert vehicle_presence(heard(active), 1.0) is presence
    assert vehicle_presence(heard(active), 2.6) is Presence.UNKNOWN


def test_a_loop_that_flaps_says_nothing() -> None:
    words = [{Input.LOOP: n % 2 == 0, Input.RADAR: False} for n in range(9)]
    assert vehicle_presence(heard(*words, every=0.1), 0.9) is Presence.UNKNOWN


def test_a_lane_without_such_an_input_never_says_that_a_car_is_there() -> None:
    bare = replace(heard({Input.LOOP: True}), fitting=replace(LOOPS, vehicle=frozenset()))
    assert vehicle_presence(bare, 1.0) is Presence.UNKNOWN


@pytest.mark.parametrize(
    ("typed", "plate"),
    [("京A·12345", "京A12345"), (" 粤b f12345 ", "粤BF12345"), ("浙A-D12345", "浙AD12345")],
)
def test_a_plate_is_compared_without_its_separators(typed: str, plate: str) -> None:
    assert plate_text(typed) == plate


@pytest.mark.parametrize("typed", ["", "京A", "京A1234567890", "京A12 ; 34", "../etc"])
def test_what_can_be_no_plate_is_said_so(typed: str) -> None:
    with pytest.raises(ValueError, match="no plate"):
        plate_text(typed)


def test_a_cards_number_is_compared_in_one_form_and_never_said() -> None:
    assert card_number("04:a2:b3-c4") == card_number("04A2 B3C4") == "04A2B3C4"
    with pytest.raises(ValueError, match="4 to 32") as caught:
        card_number("#secret-number#")
    assert "secret" not in str(caught.value)
