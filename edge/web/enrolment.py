"""A face is enrolled at the desk: the text is read aloud, a still is looked at, a photo handed in.

The photo passes through this process in memory, on its way to core and vision; nothing keeps it.
"""

from typing import Annotated

import msgspec
from fastapi import File, Form, Request, UploadFile
from fastapi.responses import JSONResponse, RedirectResponse, Response

from edge import wire
from edge.channel import ChannelFault, Refused
from edge.consent_text import VERSIONS, WORDS, version
from edge.web.admission import PHOTO
from edge.web.callers import Caller
from edge.web.house import Asking, Here, House
from edge.web.register import last_change
from edge.web.register_forms import Problem, ResidentPath, met, refusal, told
from edge.web.words import Words

FAULTS = (
    "not_a_photo",
    "corrupt",
    "too_large",
    "no_face",
    "two_faces",
    "too_small",
    "too_blurred",
    "too_dark",
    "too_bright",
    "turned_away",
)
"""The rules of enrolment that a photo may break (recognition/photo.py), which the page has words
for."""
ENROL_WITHIN = 35.0
"""Seconds; core waits for vision itself, and says so when that takes too long."""
_JPEG = b"\xff\xd8\xff"
_LONGEST_GUARDIAN = 60


async def page(house: Here, caller: Asking, resident: ResidentPath) -> Response:
    """Return the page on which one person's face is enrolled."""
    try:
        return await _page(house, caller, resident)
    except Problem as problem:
        return told(house, caller, problem)


async def check(request: Request, house: Here, caller: Asking) -> Response:
    """Say whether a still (a JPEG as the body) would do as a photo, and else what to do."""
    body = await request.body()
    if not body.startswith(_JPEG):
        return house.pages.problem(request, caller, 400)
    if caller.guard in house.looking:
        return JSONResponse({"word": "busy", "text": ""}, 429)
    words = house.pages.words[caller.language]
    house.looking.add(caller.guard)
    try:
        done = await house.core.ask(lambda ref: wire.CheckPhoto(ref, body), wire.Done)
    except Refused as refused:
        return JSONResponse({"word": "away", "text": refusal(words, refused)}, 503)
    except ChannelFault:
        return JSONResponse({"word": "away", "text": words.of("problem", "core_away")}, 503)
    finally:
        house.looking.discard(caller.guard)
    text = words.of("photo", done.text) if done.text else words.text("Good. Take the photo now.")
    return JSONResponse({"word": done.text, "text": text})


async def enrol(  # noqa: PLR0913, PLR0917 - the fields of one form
    house: Here,
    caller: Asking,
    resident: ResidentPath,
    photo: Annotated[UploadFile, File()],
    consent: Annotated[str, Form(max_length=60)],
    aloud: Annotated[str, Form(pattern="^yes$")],
    child: Annotated[str, Form(pattern="^(?:yes)?$")] = "",
    guardian: Annotated[str, Form(max_length=_LONGEST_GUARDIAN)] = "",
) -> Response:
    """Enrol one person's face from a photo, under the consent that has just been read aloud."""
    del aloud
    words = house.pages.words[caller.language]
    content = await photo.read(PHOTO)
    try:
        by = _agreed(words, consent, guardian.strip() if child else None)
        order = wire.EnrolPhoto(0, resident, content, consent, caller.guard, by)
        done = await _enrolled(house, caller, order)
    except Problem as problem:
        try:
            return await _page(house, caller, resident, problem)
        except Problem:
            return told(house, caller, problem)
    if done.note:
        return house.pages.page(caller, "enrolled.html", resident=resident, note=done.note)
    return RedirectResponse(f"/people/{resident}?said=enrolled", 303)


def _agreed(words: Words, consent: str, guardian: str | None) -> str | None:
    """Return the guardian of a child, None for who is none; raises Problem for no consent."""
    if consent not in VERSIONS:
        raise Problem(409, words.of("refused", "other_text"))
    if guardian == "":
        raise Problem(400, words.of("refused", "no_guardian"))
    return guardian


async def _enrolled(house: House, caller: Caller, order: wire.EnrolPhoto) -> wire.Done:
    """Return core's answer; raises Problem, with the rule that the photo breaks in words."""
    words = house.pages.words[caller.language]
    try:
        return await house.core.ask(
            lambda ref: msgspec.structs.replace(order, ref=ref),
            wire.Done,
            within=ENROL_WITHIN,
        )
    except Refused as refused:
        said = words.of("photo", refused.word)
        text = said if refused.word in FAULTS else refusal(words, refused)
        raise Problem(409, text) from refused
    except ChannelFault as fault:
        raise Problem(503, words.of("problem", "core_away")) from fault


async def _page(
    house: House, caller: Caller, resident: str, problem: Problem | None = None
) -> Response:
    person = await met(house, caller, lambda ref: wire.Person(ref, resident), wire.PersonIs)
    return house.pages.page(
        caller,
        "enrolment.html",
        200 if problem is None else problem.status,
        row=person.row,
        text=WORDS[caller.language],
        version=version(caller.language),
        by=caller.guard,
        last=await last_change(house, caller),
        problem="" if problem is None else problem.text,
    )
