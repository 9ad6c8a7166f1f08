"""The kinds of passes at a lane: each one's ways in, and that leaving is never refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.access import decide
from gate.visits import DELIVERY, overdrawn
from models.decision import Decision, Reason, Verdict
from models.facts import Facts
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.moment import Moment, Trust
from models.observation import PassShown, PinEntered, Sighting
from models.visit import (
    UNLIMITED,
    Claims,
    Earlier,
    PassKind,
    PassUse,
    UseState,
    Weekly,
)

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""A Monday, twelve o'clock at the site."""
NOW = Moment(NOON, 10_000.0)
LANE = Lane(
    2,
    "北门",
    LaneKind.PEDESTRIAN,
    frozenset(Direction),
    Drive.PULSE,
    frozenset({Credential.PASS, Credential.PIN}),
)
WORKDAYS = Weekly(frozenset(range(5)), 9 * 60, 18 * 60)


def claims(kind: PassKind, uses: int = 1, weekly: Weekly | None = None) -> Claims:
    return Claims(
        pass_id="a" * 32,
        host="b" * 16,
        compound="00112233",
        lanes=frozenset(),
        not_before=NOON - timedelta(days=7),
        expires=NOON + timedelta(days=30),
        uses=uses,
        kind=kind,
        kid=1,
        weekly=weekly,
    )


NANNY = claims(PassKind.RECURRING, UNLIMITED, WORKDAYS)
COURIER = claims(PassKind.DELIVERY)
PAPER = claims(PassKind.PRINTED, 3)


def facts(
    said: Claims | None, uses: tuple[PassUse, ...] = (), now: Moment = NOW, **more: object
) -> Facts:
    here = now.utc.astimezone(ZONE)
    minute = here.hour * 60 + here.minute
    bare = Facts(LANE, "00112233", here.date(), minute, claims=said, uses=uses)
    return replace(bare, **more)  # type: ignore[arg-type] # a field's own sort, by its name


def shown(way: Direction = Direction.ENTRY, now: Moment = NOW) -> PassShown:
    return PassShown(Sighting(2, way, now.mono), "KH1:...")


def typed(way: Direction = Direction.ENTRY, guard: str = "") -> PinEntered:
    return PinEntered(Sighting(2, way, NOW.mono), "c" * 64, guard)


def use(
    number: int, way: Direction = Direction.ENTRY, ago: float = 100.0, edge: str = ""
) -> PassUse:
    at = NOON - timedelta(seconds=ago)
    mono = None if edge else NOW.mono - ago
    return PassUse(number, 2, way, UseState.SPENT, mono, 1, at, edge, opened=True)


def at(text: str, trust: Trust = Trust.TRUSTED) -> Moment:
    """Return a moment of the site's own clock."""
    return Moment(datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC), 1e4, trust)


def answer(said: Claims, now: Moment, uses: tuple[PassUse, ...] = ()) -> Decision:
    return decide(shown(now=now), facts(said, uses, now), now)


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        ("2026-11-23T08:59:59", Reason.NOT_NOW),
        ("2026-11-23T09:00:00", Reason.VISITOR),
        ("2026-11-23T17:59:59", Reason.VISITOR),
        ("2026-11-23T18:00:00", Reason.NOT_NOW),
        ("2026-11-28T12:00:00", Reason.NOT_NOW),
        ("2026-11-30T09:00:00", Reason.VISITOR),
        ("2026-12-24T12:00:00", Reason.EXPIRED),
        ("2026-11-13T12:00:00", Reason.NOT_YET),
    ],
)
def test_a_recurring_pass_opens_within_its_week_only(moment: str, reason: Reason) -> None:
    said = answer(NANNY, at(moment))
    assert said.reason is reason
    assert (said.verdict is Verdict.OPEN) is (reason is Reason.VISITOR)


@pytest.mark.parametrize("trust", [Trust.FLOOR, Trust.UNKNOWN])
def test_without_a_trusted_clock_nobody_knows_the_hour(trust: Trust) -> None:
    said = answer(NANNY, at("2026-11-23T12:00:00", trust))
    assert (said.verdict, said.reason) == (Verdict.ASK_GUARD, Reason.CLOCK)


def test_an_unlimited_pass_is_never_used_up() -> None:
    often = tuple(use(number) for number in range(1, 20))
    told = facts(NANNY, often, earlier=Earlier(ways_in=70_000, ways_out=3))
    assert decide(shown(), told, NOW).use == 20


def test_a_counted_recurring_pass_is_used_up() -> None:
    twice = replace(NANNY, uses=2)
    assert answer(twice, NOW, (use(1),)).use == 2
    assert answer(twice, NOW, (use(1), use(2))).reason is Reason.USED
    told = facts(twice, (use(9),), earlier=Earlier(ways_in=1))
    assert decide(shown(), told, NOW).reason is Reason.USED


@pytest.mark.parametrize(
    ("ago", "reason"),
    [(0, Reason.VISITOR), (DELIVERY, Reason.VISITOR), (DELIVERY + 1, Reason.USED)],
)
@pytest.mark.parametrize("edge", ["", "another-box"])
def test_a_delivery_comes_again_within_the_hour_of_its_first_way_in(
    ago: float, reason: Reason, edge: str
) -> None:
    first = use(1, ago=ago, edge=edge)
    later = use(2, ago=min(ago, 10.0))
    assert answer(COURIER, NOW, (later, first)).reason is reason


def test_how_long_ago_a_delivery_began_needs_a_clock_after_a_restart() -> None:
    before = replace(use(1), at_mono=None)
    assert answer(COURIER, NOW, (before,)).verdict is Verdict.OPEN
    unsure = replace(NOW, trust=Trust.FLOOR)
    said = answer(COURIER, unsure, (before,))
    assert (said.verdict, said.reason) == (Verdict.ASK_GUARD, Reason.CLOCK)
    # The monotonic clock needs nobody's trust.
    assert answer(COURIER, unsure, (use(1),)).verdict is Verdict.OPEN


def test_a_printed_pass_is_counted() -> None:
    uses = (use(1), use(2, Direction.EXIT), use(3))
    assert answer(PAPER, NOW, uses).use == 4
    assert answer(PAPER, NOW, (*uses, use(4))).reason is Reason.USED


def test_a_use_at_another_gate_counts_here_and_has_its_own_number() -> None:
    single = claims(PassKind.SINGLE)
    there = use(7, edge="another-box")
    assert answer(single, NOW, (there,)).reason is Reason.USED
    out = decide(shown(Direction.EXIT), facts(single, (there,)), NOW)
    assert (out.verdict, out.reason, out.use) == (Verdict.OPEN, Reason.VISITOR, 1)
    gone = replace(use(8, Direction.EXIT), edge="another-box")
    again = decide(shown(Direction.EXIT), facts(single, (there, gone)), NOW)
    assert (again.reason, again.tell_guard) == (Reason.USED, True)


def test_what_another_gate_gave_back_is_not_tried_again_here() -> None:
    returned = replace(use(1, edge="another-box"), state=UseState.RETURNED, at_mono=NOW.mono)
    assert answer(claims(PassKind.SINGLE), NOW, (returned,)).reason is Reason.USED


def test_a_number_opens_as_its_pass_would() -> None:
    assert decide(typed(), facts(COURIER), NOW).use == 1
    assert decide(typed(), facts(None), NOW).reason is Reason.UNKNOWN_PIN
    revoked = decide(typed(), facts(COURIER, revoked=True), NOW)
    assert revoked.reason is Reason.REVOKED
    closed = replace(LANE, credentials=frozenset({Credential.PASS}))
    assert decide(typed(), facts(COURIER, lane=closed), NOW).reason is Reason.NOT_AT_THIS_LANE


def test_a_keypad_that_waits_brings_the_guard_and_opens_nothing() -> None:
    said = decide(typed(), facts(COURIER, pin_locked=True), NOW)
    assert (said.verdict, said.reason) == (Verdict.ASK_GUARD, Reason.PIN_LOCKED)
    # Other ways in are as they were.
    assert decide(shown(), facts(COURIER, pin_locked=True), NOW).verdict is Verdict.OPEN


@given(
    said=st.sampled_from([NANNY, COURIER, PAPER, claims(PassKind.SINGLE)]),
    minutes=st.integers(-60_000, 60_000),
    trust=st.sampled_from(Trust),
    ways=st.lists(st.sampled_from(Direction), max_size=6),
    odd=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_leaving_is_never_refused_to_any_kind(
    said: Claims,
    minutes: int,
    trust: Trust,
    ways: list[Direction],
    odd: tuple[bool, bool, bool],
) -> None:
    revoked, locked, digits = odd
    now = Moment(NOON + timedelta(minutes=minutes), NOW.mono, trust)
    uses = tuple(use(number, way) for number, way in enumerate(ways, 1))
    told = facts(said, uses, now, revoked=revoked, pin_locked=locked)
    seen = typed(Direction.EXIT) if digits else shown(Direction.EXIT)
    leaves = decide(seen, told, now)
    assert leaves.verdict is Verdict.OPEN
    inside = ways.count(Direction.ENTRY) > ways.count(Direction.EXIT)
    shut_out = revoked or (locked and digits)
    # Whoever came in leaves without a word to anybody, however late it is.
    assert (leaves.reason is Reason.VISITOR and leaves.use is not None) or not inside or shut_out


@given(
    said=st.sampled_from([NANNY, COURIER, PAPER, claims(PassKind.SINGLE)]),
    ways=st.lists(st.sampled_from(Direction), max_size=8),
    days=st.integers(-40, 40),
    minute=st.integers(0, 1439),
)
def test_no_kind_comes_in_more_often_or_at_another_time_than_it_says(
    said: Claims, ways: list[Direction], days: int, minute: int
) -> None:
    now = Moment(NOON + timedelta(days=days, minutes=minute), NOW.mono)
    uses = tuple(use(number, way) for number, way in enumerate(ways, 1))
    came = decide(shown(), facts(said, uses, now), now)
    if came.verdict is not Verdict.OPEN:
        return
    assert said.not_before <= now.utc < said.expires
    if said.kind is not PassKind.DELIVERY and said.uses != UNLIMITED:
        assert ways.count(Direction.ENTRY) < said.uses
    if said.weekly is not None:
        here = now.utc.astimezone(ZONE)
        assert here.weekday() < 5
        assert 9 <= here.hour < 18


def test_a_pass_let_in_at_two_gates_is_overdrawn() -> None:
    here, there = use(1), use(1, edge="another-box")
    assert overdrawn(PassKind.SINGLE, 1, (here, there))
    assert not overdrawn(PassKind.SINGLE, 1, (here,))
    assert not overdrawn(PassKind.SINGLE, 1, (here, replace(there, opened=False)))
    assert not overdrawn(PassKind.WINDOW, 2, (here, there))
    assert overdrawn(PassKind.PRINTED, 1, (here, there))
    assert not overdrawn(PassKind.RECURRING, UNLIMITED, (here, there))
    late = replace(there, at=NOON + timedelta(hours=1))
    assert not overdrawn(PassKind.DELIVERY, 1, (here, there))
    assert overdrawn(PassKind.DELIVERY, 1, (here, late))


def test_the_day_of_a_week_is_the_sites_own() -> None:
    # Sunday evening in Greenwich is Monday morning at the site.
    monday = replace(NANNY, weekly=Weekly(frozenset({0}), 0, 6 * 60))
    now = Moment(datetime(2026, 11, 22, 20, 0, tzinfo=UTC), 1e4)
    assert now.utc.date() == date(2026, 11, 22)
    assert answer(monday, now).verdict is Verdict.OPEN
