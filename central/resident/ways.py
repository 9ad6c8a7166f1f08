"""Ways of entry: the text of each consent in full, agreeing to it, taking it back; the photo."""

from typing import Annotated, Final

import msgspec
from fastapi import Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from central import attempts
from central.absence import Absent
from central.callers import Caller
from central.database import reading, writing
from central.house import Asking, Here, House
from central.resident.asking import Acting, Mine, seen, words_of
from central.resident.consent_text import paragraphs
from central.resident.consenting import VERSIONS, agree, standing_consent, withdraw
from central.resident.faces import consent_to_face, face_state
from central.resident.household import CHOSEN, Household, Person
from central.resident.photos import (
    MOST_SEALED,
    PhotoUnsent,
    Sent,
    Unsent,
    send,
)
from central.resident.times import Clock
from models.lane import Credential

_OFTEN: Final = attempts.Limit(free=20, most=900.0)
"""Photos of one home within an hour."""
_STATUS: Final = {Unsent.TOO_LARGE: 413, Unsent.OLD_KEY: 409, Unsent.NO_KEY: 409}


class Agreement(BaseModel):
    """A ticked box below the text of one version."""

    version: str = Field(default="", max_length=40)
    sure: str = Field(default="", max_length=4)


def page(house: Here, caller: Asking, mine: Mine, resident: str, way: str) -> Response:
    """Return one way of entry of one person."""
    return _page(house, caller, mine, (mine.subject(resident), _way(way)))


def agreed(
    house: Here,
    caller: Asking,
    mine: Acting,
    resident: str,
    way: str,
    form: Annotated[Agreement, Form()],
) -> Response:
    """Take a consent, given by ticking the box below its text."""
    person, credential = mine.subject(resident), _way(way)
    if not form.sure:
        problem = words_of(house, caller).text("Please tick the box first if you agree.")
        return _page(house, caller, mine, (person, credential), problem)
    given = (credential, form.version, caller.language)
    with writing(house.engine) as connection:
        agree(connection, mine, person, given, house.now())
    after = f"/home/people/{person.resident_id}"
    if credential is Credential.FACE:
        return seen(f"{after}/face")
    return seen("/home/cars" if credential is Credential.PLATE else after)


def withdrawn(house: Here, mine: Mine, resident: str, way: str) -> Response:
    """Take a way of entry back, at once."""
    person, credential = mine.subject(resident), _way(way)
    with writing(house.engine) as connection:
        withdraw(connection, mine, person, credential, house.now())
    return seen(f"/home/people/{person.resident_id}/{credential.value}")


async def photo(request: Request, house: Here, mine: Mine, resident: str) -> Response:
    """Take a sealed photo: JSON of `photo_id`, `key_id` and `sealed`."""
    try:
        sent = msgspec.json.decode(await request.body(), type=Sent)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return JSONResponse({"why": Unsent.BROKEN}, 400)
    return await run_in_threadpool(_take, house, mine, resident, sent)


def _take(house: House, mine: Household, resident: str, sent: Sent) -> Response:
    person, now = mine.subject(resident), house.now()
    often = (attempts.Key(f"photo\n{mine.compound}\n{mine.home}", _OFTEN),)
    if attempts.admit(house.engine, often, now) > 0:
        return JSONResponse({"why": "too_often"}, 429)
    try:
        with writing(house.engine) as connection:
            consent, _ = consent_to_face(connection, mine, person, now)
            told = (None if consent is None else consent.consent, now)
            send(connection, mine, person, sent, told)
    except PhotoUnsent as unsent:
        answer = {"why": unsent.why, "key": mine.site.photo_key, "key_id": mine.site.photo_key_id}
        return JSONResponse(answer, _STATUS.get(unsent.why, 400))
    return JSONResponse({"why": ""})


def photo_state(house: Here, caller: Asking, mine: Mine, resident: str) -> Response:
    """Return how the newest photo stands, as the piece of the page that says so."""
    person = mine.subject(resident)
    with reading(house.engine) as connection:
        consent, newest = consent_to_face(connection, mine, person, house.now())
    return Response(
        house.pages.fill(
            caller.language,
            "resident/photo_state.html",
            person=person,
            photo=newest,
            faces={person.resident_id: face_state(person, consent, newest)},
            words=words_of(house, caller),
            clock=Clock(caller.language, mine.site.zone, house.now()),
        ),
        media_type="text/html",
    )


def _way(name: str) -> Credential:
    way = next((each for each in CHOSEN if each.value == name), None)
    if way is None:
        message = "there is no such way of entry to choose"
        raise Absent(message)
    return way


def _page(
    house: House,
    caller: Caller,
    mine: Household,
    what: tuple[Person, Credential],
    problem: str = "",
) -> Response:
    person, credential = what
    words = words_of(house, caller)
    with reading(house.engine) as connection:
        newest = None
        if credential is Credential.FACE:
            consent, newest = consent_to_face(connection, mine, person, house.now())
        else:
            consent = standing_consent(connection, mine.compound, person.resident_id, credential)
    return house.pages.page(
        caller,
        "resident/way.html",
        400 if problem else 200,
        mine=mine,
        person=person,
        way=credential,
        version=VERSIONS[credential],
        paragraphs=paragraphs(words, credential),
        consent=consent,
        photo=newest,
        faces={person.resident_id: face_state(person, consent, newest)},
        most=MOST_SEALED,
        problem=problem,
        words=words,
        clock=Clock(caller.language, mine.site.zone, house.now()),
    )
