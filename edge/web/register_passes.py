"""Passes that the desk makes in a resident's name: shown once, and printed on paper."""

import asyncio
import base64
from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from edge import wire
from edge.qr_image import svg
from edge.register_pdf import PrintedPass, printed
from edge.web.house import Asking, Here, House
from edge.web.register import local
from edge.web.register_forms import Problem, ResidentPath, met, told
from models.errors import InputError
from models.visit import PassKind

LASTING = (
    (4 * 60, "hours_4"),
    (12 * 60, "hours_12"),
    (24 * 60, "day"),
    (3 * 24 * 60, "days_3"),
    (7 * 24 * 60, "week"),
    (30 * 24 * 60, "month"),
)
"""For how many minutes a pass may be made, and the word for each."""
SIGN_WITHIN = 30.0
"""Seconds; the issuer is a short process of its own, on a machine that may be busy."""
_MINUTES = tuple(minutes for minutes, _ in LASTING)
_SHEET = "pass-sheet"


class PassForm(BaseModel):
    """A pass as the desk wants it.

    `start` is the site's own time, empty for now; `lane` is empty for all of them.
    """

    label: str = Field(min_length=1, max_length=40)
    kind: PassKind
    start: str = Field(default="", max_length=16)
    minutes: int = Field(ge=1, le=max(_MINUTES))
    uses: int = Field(default=1, ge=1, le=1000)
    plate: str = Field(default="", max_length=20)
    lane: str = Field(default="", pattern=r"^(?:[1-9]\d?)?$")


class Sheet(msgspec.Struct, frozen=True):
    """What a printed sheet says; sealed by this site and carried by the page of the pass."""

    token: str
    label: str
    kind: str
    begin: str
    end: str
    places: tuple[str, ...]
    pin: str = ""


async def make(
    house: Here,
    caller: Asking,
    resident: ResidentPath,
    form: Annotated[PassForm, Form()],
) -> Response:
    """Make a pass in a resident's name, and show it: this once."""
    try:
        start, lanes = _start(house, form.start), (int(form.lane),) if form.lane else ()
        made = await met(
            house,
            caller,
            lambda ref: wire.MakePass(
                ref,
                resident,
                form.label,
                form.kind,
                start,
                form.minutes,
                form.uses,
                caller.guard,
                lanes,
                form.plate,
            ),
            wire.PassReady,
            within=SIGN_WITHIN,
        )
    except Problem as problem:
        return told(house, caller, problem)
    places = tuple(house.place(number) for number in lanes)
    begin, end = local(house, made.not_before), local(house, made.expires)
    sheet = Sheet(made.token, form.label.strip(), form.kind, begin, end, places, made.pin)
    return house.pages.page(
        caller,
        "pass.html",
        made=made,
        label=sheet.label,
        kind=sheet.kind,
        begin=begin,
        end=end,
        places=places,
        pin=f"{sheet.pin[:3]} {sheet.pin[3:]}".strip(),
        picture=data_picture(svg(made.token)),
        sheet=house.seal.sign(_SHEET, msgspec.to_builtins(sheet)),
    )


async def pdf(
    request: Request,
    house: Here,
    caller: Asking,
    sheet: Annotated[str, Form(min_length=1, max_length=4000)],
) -> Response:
    """Return the printed sheet of a pass that a page of ours has just shown."""
    try:
        said = msgspec.convert(house.seal.read(_SHEET, sheet), Sheet)
    except msgspec.ValidationError:
        return house.pages.problem(request, caller, 400)
    try:
        # Half a second of work, in which the pages go on.
        drawn = await asyncio.to_thread(printed, _paper(house, said))
    except InputError as error:
        return told(house, caller, Problem(503, str(error)))
    return Response(
        drawn,
        media_type="application/pdf",
        headers={"content-disposition": 'attachment; filename="pass.pdf"'},
    )


def data_picture(drawn: str) -> str:
    """Return an SVG as the address of a picture that is in the address itself."""
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode()


def _paper(house: House, said: Sheet) -> PrintedPass:
    lines = []
    for language in house.pages.words:
        words = house.pages.words[language]
        where = " · ".join(said.places) or words.text("All lanes")
        kind = words.of("pass_kind", said.kind)
        lines.append((f"{said.begin} - {said.end}", kind, where))
    (zh_when, zh_kind, zh_where), (en_when, en_kind, en_where) = lines
    return PrintedPass(
        token=said.token,
        site=house.settings.site.name,
        guest=said.label,
        lines=(
            (f"有效时间 {zh_when}", f"Valid {en_when}"),
            (zh_kind, en_kind),
            (f"地点 {zh_where}", f"Where: {en_where}"),
        ),
        pin=said.pin,
    )


def _start(house: House, text: str) -> str | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Problem(400, f"{text}?") from error
    return at.replace(tzinfo=house.zone).isoformat()
