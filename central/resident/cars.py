"""The cars of a home: plates with their last days, brought on the register and taken off."""

from datetime import date
from typing import Annotated, Final

from fastapi import Form
from fastapi.responses import Response
from pydantic import BaseModel, Field

from central.absence import Absent
from central.callers import Caller
from central.database import reading, writing
from central.house import Asking, Here, House
from central.languages import Words
from central.resident.asking import Acting, Mine, seen, words_of
from central.resident.household import Household, Person
from central.resident.register import cars_of
from central.resident.times import Clock
from central.resident.wishes import Car, wish
from models.feed import VehicleGiven, VehicleTaken
from models.lane import Credential
from models.vehicle import plate_text

MOST: Final = 6
"""Cars of one household that can be brought on the register from a phone."""


class NewCar(BaseModel):
    """A car as typed in."""

    who: str = Field(default="", max_length=64)
    plate: str = Field(default="", max_length=40)
    until: str = Field(default="", max_length=20)


def page(house: Here, caller: Asking, mine: Mine) -> Response:
    """Return the cars of the household."""
    return _page(house, caller, mine, NewCar())


def give(house: Here, caller: Asking, mine: Acting, form: Annotated[NewCar, Form()]) -> Response:
    """Ask the gates to take a car on; its holder must have agreed to being known by the plate."""
    words, now = words_of(house, caller), house.now()
    owner = mine.subject(form.who or mine.me.resident_id)
    with writing(house.engine) as connection:
        cars = cars_of(connection, mine, now)
        plate, until, problem = _read(words, form, mine, mine.site.today(now))
        if not problem and not owner.chooses(Credential.PLATE):
            problem = words.text("Please agree to entry by number plate first.")
        if not problem and len([one for one in cars if one.state != "refused"]) >= MOST:
            problem = words.text("This home has as many cars as can be added here. Ask the desk.")
        if not problem and any(one.plate == plate and one.state != "refused" for one in cars):
            problem = words.text("This car is on the list already.")
        if not problem:
            given = VehicleGiven(owner.resident_id, plate, mine.me.resident_id, until)
            wish(connection, mine, given, now)
    return _page(house, caller, mine, form, problem) if problem else seen("/home/cars")


def take(house: Here, mine: Mine, form: Annotated[NewCar, Form()]) -> Response:
    """Ask the gates to take a car off, at once."""
    owner, now = mine.subject(form.who), house.now()
    with writing(house.engine) as connection:
        theirs = {(car.resident_id, car.plate) for car in cars_of(connection, mine, now)}
        if (owner.resident_id, form.plate) not in theirs:
            message = "this household has no such car"
            raise Absent(message)
        taken = VehicleTaken(owner.resident_id, form.plate, mine.me.resident_id)
        wish(connection, mine, taken, now)
    return seen("/home/cars")


def _read(words: Words, form: NewCar, mine: Household, today: date) -> tuple[str, date | None, str]:
    """Return plate, last day, and what is wrong with them."""
    try:
        plate = plate_text(form.plate)
    except ValueError:
        return "", None, words.text("Please write the plate as it stands on the car: 京A12345.")
    try:
        until = date.fromisoformat(form.until) if form.until else None
    except ValueError:
        return plate, None, words.text("Please choose the last day again.")
    if until is not None and until < today:
        return plate, until, words.text("The last day is over already.")
    if mine.me.until is not None:
        until = min(until or mine.me.until, mine.me.until)
    return plate, until, ""


def _page(
    house: House, caller: Caller, mine: Household, given: NewCar, problem: str = ""
) -> Response:
    now = house.now()
    with reading(house.engine) as connection:
        cars = cars_of(connection, mine, now)
    return house.pages.page(
        caller,
        "resident/cars.html",
        400 if problem else 200,
        mine=mine,
        cars=[(car, _owner(mine, car)) for car in cars],
        holders=_holders(mine),
        given=given,
        problem=problem,
        words=words_of(house, caller),
        clock=Clock(caller.language, mine.site.zone, now),
        today=mine.site.today(now).isoformat(),
    )


def _owner(mine: Household, car: Car) -> Person | None:
    return next((one for one in mine.people if one.resident_id == car.resident_id), None)


def _holders(mine: Household) -> list[Person]:
    """Return who may bring a car: whoever agreed to being known by the plate."""
    grown_up = [one for one in mine.people if not one.child]
    return [one for one in grown_up if one.chooses(Credential.PLATE)]
