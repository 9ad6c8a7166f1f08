"""The asker's own: the start page, the history, the devices, the data."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import Form
from fastapi.responses import Response

from central.absence import Absent
from central.database import reading, writing
from central.house import Asking, Here
from central.moments import EPOCH, microseconds
from central.resident import sessions
from central.resident.asking import Acting, Mine, seen, words_of
from central.resident.faces import face_states
from central.resident.history import SHOWN, passages
from central.resident.household import CHOSEN
from central.resident.passes import passes_shown
from central.resident.register import cars_of
from central.resident.requests import (
    document,
    receipt_of,
    requests_of,
    want_erasure,
    want_export,
)
from central.resident.site import site_of
from central.resident.times import Clock

_LIVE: Final = 3
"""Passes on the start page."""
_ID: Final = re.compile(r"[0-9a-f]{32}")
_MOST_MICROSECONDS: Final = 16
"""Digits of a time before which history is asked for."""

Who = Annotated[str, Form(max_length=64)]
Yes = Annotated[str, Form(max_length=4)]


def home(house: Here, caller: Asking, mine: Mine) -> Response:
    """Return the start page."""
    now = house.now()
    shown = passes_shown(house, mine, now)
    live = [one for one in shown if one.usable]
    with reading(house.engine) as connection:
        cars = cars_of(connection, mine, now)
        faces = face_states(connection, mine, now)
    return house.pages.page(
        caller,
        "resident/home.html",
        mine=mine,
        live=live[:_LIVE],
        more=len(live) - _LIVE,
        doubled=[one for one in shown if one.doubled and one.ends],
        cars=cars,
        ways=CHOSEN,
        faces=faces,
        words=words_of(house, caller),
        clock=Clock(caller.language, mine.site.zone, now),
    )


def me(house: Here, caller: Asking, mine: Mine) -> Response:
    """Return the list of what is the asker's own."""
    return house.pages.page(caller, "resident/me.html", mine=mine, words=words_of(house, caller))


def history(house: Here, caller: Asking, mine: Mine, who: str = "", before: str = "") -> Response:
    """Return the passages of the asker or of a ward, the newest first."""
    person = mine.own(who or mine.me.resident_id)
    with reading(house.engine) as connection:
        rows = passages(connection, mine, person, _before(before))
    return house.pages.page(
        caller,
        "resident/history.html",
        mine=mine,
        person=person,
        rows=rows,
        older=str(microseconds(rows[-1].at)) if len(rows) == SHOWN else "",
        words=words_of(house, caller),
        clock=Clock(caller.language, mine.site.zone, house.now()),
    )


def devices(house: Here, caller: Asking, mine: Mine) -> Response:
    """Return the devices that are logged in as the asker."""
    with reading(house.engine) as connection:
        found = sessions.devices(connection, mine)
    return house.pages.page(
        caller,
        "resident/devices.html",
        mine=mine,
        devices=found,
        words=words_of(house, caller),
        clock=Clock(caller.language, mine.site.zone, house.now()),
    )


def end_device(house: Here, mine: Mine, mark: Annotated[str, Form(max_length=16)]) -> Response:
    """Log one device out."""
    with writing(house.engine) as connection:
        current = sessions.end(connection, mine, mark)
    response = seen("/home/claim" if current else "/home/devices")
    if current:
        house.cookies.forget(response, sessions.COOKIE)
    return response


def data(house: Here, caller: Asking, mine: Mine) -> Response:
    """Return what is kept where, and the ways to a copy of it and to its end."""
    with reading(house.engine) as connection:
        asked = requests_of(connection, mine)
    return house.pages.page(
        caller,
        "resident/data.html",
        mine=mine,
        asked=asked,
        names={one.resident_id: one.name for one in mine.people},
        words=words_of(house, caller),
        clock=Clock(caller.language, mine.site.zone, house.now()),
    )


def export(house: Here, mine: Acting, who: Who = "") -> Response:
    """Ask for a copy of a person's data."""
    person = mine.own(who or mine.me.resident_id)
    with writing(house.engine) as connection:
        want_export(connection, mine, person, house.now())
    return seen("/home/data")


def copy(house: Here, mine: Mine, request_id: str) -> Response:
    """Return a copy of a person's data as a file."""
    with reading(house.engine) as connection:
        request, content = document(connection, mine, request_id, house.now())
    day = mine.site.clock(request.at).date().isoformat()
    return Response(
        content,
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="kuahu-{day}.json"'},
    )


def erase_page(house: Here, caller: Asking, mine: Mine, who: str = "") -> Response:
    """Return what erasing means, before it is done."""
    person = mine.own(who or mine.me.resident_id)
    return house.pages.page(
        caller,
        "resident/erase.html",
        mine=mine,
        person=person,
        problem="",
        words=words_of(house, caller),
    )


def erase(house: Here, caller: Asking, mine: Mine, who: Who = "", sure: Yes = "") -> Response:
    """Ask for a person to be erased, and lead to the receipt."""
    person = mine.own(who or mine.me.resident_id)
    if not sure:
        words = words_of(house, caller)
        problem = words.text("Please tick the box first if you are sure.")
        return house.pages.page(
            caller,
            "resident/erase.html",
            400,
            mine=mine,
            person=person,
            problem=problem,
            words=words,
        )
    with writing(house.engine) as connection:
        request = want_erasure(connection, mine, person, house.now())
    response = seen(f"/receipt/{request}")
    if person == mine.me:
        house.cookies.forget(response, sessions.COOKIE)
    return response


def receipt(house: Here, caller: Asking, request_id: str) -> Response:
    """Return how an erasure stands; it names nobody, so that its link is enough to read it."""
    if not _ID.fullmatch(request_id):
        message = "there is no such receipt"
        raise Absent(message)
    with reading(house.engine) as connection:
        found = receipt_of(connection, request_id)
        zone = site_of(connection, found.compound).zone
    return house.pages.page(
        caller,
        "resident/receipt.html",
        request=found,
        words=words_of(house, caller),
        clock=Clock(caller.language, zone, house.now()),
    )


def _before(text: str) -> datetime | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_MICROSECONDS):
        return None
    return EPOCH + timedelta(microseconds=int(text))
