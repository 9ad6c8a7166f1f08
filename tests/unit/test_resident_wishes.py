"""What a household asked, beside what the register says, until both say the same."""

from datetime import UTC, date, datetime, timedelta

import pytest

from central.resident.household import Person
from central.resident.wishes import Asked, Car, Wish, cars_with_wishes, with_wishes
from models.feed import Choice, FaceWithdrawn, Member, VehicleGiven, VehicleTaken
from models.home import Home
from models.lane import Credential
from models.registry import ResidentKind

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
HOME = Home(3, 1, 502)
ME = Person("1" * 16, "陈静", ResidentKind.OWNER, allowed=frozenset({Credential.CARD}))
NEW = Member("2" * 16, "外婆", HOME, ResidentKind.FAMILY, ME.resident_id)
PLATE = "京A12345"


def wish(number: int, asked: Asked, *, arrived: bool = False, ago: float = 5, no: str = "") -> Wish:
    return Wish(number, asked, NOW - timedelta(seconds=ago), arrived, no)


def people(*wishes: Wish, gone: frozenset[str] = frozenset()) -> dict[str, Person]:
    found = with_wishes([ME], gone, wishes, NOW)
    return {one.resident_id: one for one in found}


def test_somebody_who_was_added_is_there_at_once_and_marked() -> None:
    one = people(wish(1, NEW))[NEW.resident_id]
    assert (one.name, one.listed, one.refused) == ("外婆", False, "")


def test_somebody_who_is_not_taken_on_stays_with_the_reason() -> None:
    assert people(wish(1, NEW, arrived=True, ago=900, no="too_many"))[NEW.resident_id].refused


def test_somebody_who_was_erased_since_does_not_come_back() -> None:
    gone = frozenset({NEW.resident_id})
    assert NEW.resident_id not in people(wish(1, NEW, arrived=True), gone=gone)


def test_the_register_speaks_for_who_is_on_it() -> None:
    listed = Person(NEW.resident_id, "外婆王", ResidentKind.FAMILY)
    found = with_wishes([ME, listed], frozenset(), [wish(1, NEW)], NOW)
    assert found == (ME, listed)


def choice(credential: Credential, *, allowed: bool) -> Choice:
    return Choice(ME.resident_id, credential, allowed, ME.resident_id)


def test_the_newest_choice_counts_before_the_gate_has_heard_of_it() -> None:
    off = wish(1, choice(Credential.CARD, allowed=False))
    on = wish(2, choice(Credential.PLATE, allowed=True))
    me = people(off, on)[ME.resident_id]
    assert not me.chooses(Credential.CARD)
    assert me.chooses(Credential.PLATE)
    assert set(me.asked) == {Credential.CARD, Credential.PLATE}


@pytest.mark.parametrize(
    ("arrived", "ago", "refused", "still"),
    [
        (False, 5, "", True),
        (False, 86_400, "", True),
        (True, 5, "", True),
        (True, 60, "", False),
        (False, 5, "guardian", False),
    ],
)
def test_a_choice_is_asked_until_the_gate_has_it_and_could_have_said_so(
    arrived: bool, ago: float, refused: str, still: bool
) -> None:
    plate = choice(Credential.PLATE, allowed=True)
    me = people(wish(1, plate, arrived=arrived, ago=ago, no=refused))[ME.resident_id]
    assert (Credential.PLATE in me.asked) is still
    assert me.chooses(Credential.PLATE) is still


def test_a_face_that_was_taken_back_counts_as_off_at_once() -> None:
    face = Person("1" * 16, "陈静", ResidentKind.OWNER, allowed=frozenset({Credential.FACE}))
    asked = [wish(1, FaceWithdrawn(face.resident_id, face.resident_id))]
    (me,) = with_wishes([face], frozenset(), asked, NOW)
    assert not me.chooses(Credential.FACE)


def test_a_wish_about_somebody_else_changes_nobody() -> None:
    asked = wish(1, Choice("9" * 16, Credential.PLATE, allowed=True, by="9" * 16))
    assert people(asked) == {ME.resident_id: ME}


def given(until: date | None = None) -> VehicleGiven:
    return VehicleGiven(ME.resident_id, PLATE, ME.resident_id, until)


TAKEN = VehicleTaken(ME.resident_id, PLATE, ME.resident_id)
LISTED = Car(PLATE, ME.resident_id, None)


@pytest.mark.parametrize(
    ("cars", "wishes", "states"),
    [
        ([], [wish(1, given())], ["coming"]),
        ([], [wish(1, given(), arrived=True, ago=90)], []),
        ([], [wish(1, given(), no="taken")], ["refused"]),
        ([LISTED], [wish(1, given(), arrived=True, ago=90)], ["listed"]),
        ([LISTED], [wish(1, given(), no="taken")], ["listed"]),
        ([LISTED], [wish(1, TAKEN)], ["going"]),
        ([LISTED], [wish(1, TAKEN, arrived=True, ago=90)], ["listed"]),
        ([], [wish(1, given(), no="taken"), wish(2, TAKEN, arrived=True, ago=90)], []),
        ([], [wish(1, TAKEN)], []),
        ([LISTED], [wish(1, TAKEN), wish(2, given(date(2026, 12, 31)))], ["coming"]),
    ],
)
def test_how_a_car_stands(cars: list[Car], wishes: list[Wish], states: list[str]) -> None:
    assert [one.state for one in cars_with_wishes(cars, wishes, NOW)] == states
