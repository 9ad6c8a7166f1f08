"""Room and a home's spaces in decisions: asked on the way in, never on the way out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.stay_facts import StayRules
from edge.store.stays import Books
from gate.access import decide
from gate.occupancy import Book, Passed, told
from models.card import Card, CardShown
from models.decision import Reason, Verdict
from models.facts import Facts
from models.home import Home
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.observation import GuardPressed, GuardReason, Observation, PlateSeen
from models.plate import Band, Ground, PlateKind, PlateReading
from models.sighting import Sighting
from models.stay import Beyond, Guest, StayZone, Subject
from models.vehicle import CarPassage, Presence, Vehicle
from models.visit import UseState
from tests.fakes.store_words import NOW, TODAY

HOME = Home(3, 1, 502)
CAR = Vehicle("v1", "京A12345", HOME, None)
LANE = Lane(
    1,
    "1",
    LaneKind.VEHICLE,
    frozenset(Direction),
    Drive.PULSE,
    frozenset({Credential.PLATE, Credential.PASS, Credential.CARD}),
)
ZONE = StayZone("yard", frozenset({1}), spaces=2, loops=frozenset({1}))
WAYS = st.sampled_from(list(Direction))


def car(way: Direction = Direction.ENTRY) -> PlateSeen:
    reading = PlateReading(CAR.plate, PlateKind.ORDINARY, Ground.BLUE, 0.9, Band.ACCEPT)
    return PlateSeen(Sighting(1, way, NOW.mono), reading, 1, nearing=True)


def facts(*, full: bool = False, beyond: Beyond | None = None) -> Facts:
    return Facts(
        LANE,
        "kuahu",
        TODAY,
        presence=Presence.THERE,
        vehicle=CAR,
        full=full,
        beyond=beyond,
    )


@given(full=st.booleans(), beyond=st.sampled_from([None, *Beyond]))
def test_no_exit_is_ever_asked_for_room(full: bool, beyond: Beyond | None) -> None:
    answer = decide(car(Direction.EXIT), facts(full=full, beyond=beyond), NOW)
    assert answer.verdict is Verdict.OPEN
    assert answer == decide(car(Direction.EXIT), facts(), NOW)


def test_where_no_space_is_left_the_guard_is_asked() -> None:
    answer = decide(car(), facts(full=True), NOW)
    assert (answer.verdict, answer.reason) == (Verdict.ASK_GUARD, Reason.FULL)
    assert answer.tell_guard
    card = CardShown(Sighting(1, Direction.ENTRY, NOW.mono), "00")
    unknown = decide(card, facts(full=True), NOW)
    assert unknown.reason is Reason.UNKNOWN_CARD, "who is not let in is told nothing of room"


def test_a_guards_hand_needs_no_room() -> None:
    pressed = GuardPressed(Sighting(1, Direction.ENTRY, NOW.mono), "wei", GuardReason.OTHER)
    assert decide(pressed, facts(full=True, beyond=Beyond.ASK), NOW).verdict is Verdict.OPEN


@pytest.mark.parametrize(
    ("beyond", "verdict", "reason"),
    [
        (None, Verdict.OPEN, Reason.RESIDENT),
        (Beyond.VISITOR, Verdict.OPEN, Reason.VISITOR),
        (Beyond.ASK, Verdict.ASK_GUARD, Reason.SPACES_TAKEN),
    ],
)
@pytest.mark.parametrize("again", [False, True])
def test_a_car_beyond_its_homes_spaces(
    beyond: Beyond | None, verdict: Verdict, reason: Reason, again: bool
) -> None:
    known = facts(beyond=beyond)
    if again:
        passage = CarPassage(1, Direction.ENTRY, UseState.SPENT, NOW.mono - 5)
        known = replace(known, passages=(passage,))
    answer = decide(car(), known, NOW)
    assert (answer.verdict, answer.reason, answer.use) == (verdict, reason, None)


def books(*inside: Subject) -> Books:
    """Return the books of a yard with these in it."""
    ways = [
        Passed(number, NOW.utc + timedelta(minutes=number), 1, Direction.ENTRY, who)
        for number, who in enumerate(inside, 1)
    ]
    return Books(len(ways), (told(Book(ZONE.name), ZONE, ways)[0],))


def applied(seen: Observation, now: Books, spaces: int | None = 1) -> Facts:
    rules = StayRules((ZONE,), lambda: now, lambda _home: spaces, Beyond.ASK)
    return rules.applied(facts(), seen)


OTHER = Subject("京A54321", Guest.RESIDENT, str(HOME))
STRANGER = Subject("沪B67890", Guest.VISITOR)


def test_what_the_books_say_of_one_who_wants_in() -> None:
    assert applied(car(), books(STRANGER)) == facts()
    assert applied(car(), books(OTHER)) == facts(beyond=Beyond.ASK)
    assert applied(car(), books(OTHER), spaces=2) == facts()
    assert applied(car(), books(OTHER), spaces=None) == facts()
    assert applied(car(), books(OTHER, STRANGER)) == facts(full=True, beyond=Beyond.ASK)
    own = Subject(CAR.plate, Guest.RESIDENT, str(HOME))
    assert applied(car(), books(own)) == facts(), "its own space is not another's"


def test_nobody_else_is_asked_and_no_book_is_opened_for_them() -> None:
    def shut() -> Books:
        raise AssertionError

    rules = StayRules((ZONE,), shut, lambda _home: 1, Beyond.ASK)
    pressed = GuardPressed(Sighting(1, Direction.ENTRY, NOW.mono), "wei", GuardReason.OTHER)
    away = replace(car(), at=Sighting(9, Direction.ENTRY, NOW.mono))
    for seen in (car(Direction.EXIT), pressed, away):
        assert rules.applied(facts(), seen) == facts()
    open_yard = StayRules((replace(ZONE, spaces=None),), shut, lambda _home: None, Beyond.ASK)
    assert open_yard.applied(facts(), car()) == facts()


def test_a_card_holder_finds_the_yard_full_too() -> None:
    card = CardShown(Sighting(1, Direction.ENTRY, NOW.mono), "00")
    known = replace(facts(), vehicle=None, card=Card("00", "r1", "", None))
    rules = StayRules((ZONE,), lambda: books(OTHER, STRANGER), lambda _home: 1, Beyond.ASK)
    assert rules.applied(known, card) == replace(known, full=True)
