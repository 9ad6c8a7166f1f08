"""The register as tables: taken out as CSV, and put in after a look at every line."""

import secrets
from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import File, Form, Path, UploadFile
from fastapi.responses import Response

from edge import wire
from edge.register_sheet import written
from edge.sheet_rules import HEADINGS, SheetKind
from edge.web.admission import SHEET
from edge.web.callers import Caller
from edge.web.house import Asking, Here, House
from edge.web.register_forms import Problem, met, told
from models.registry import ResidentKind

PART = 120 * 1024
"""Bytes of one message to core, which takes none over 256 KiB."""
LOAD_WITHIN = 35.0
_MOST_PAGES = 200
_SheetPath = Annotated[SheetKind, Path()]


async def page(house: Here, caller: Asking) -> Response:
    """Return the page of the two tables."""
    return _page(house, caller)


async def table(house: Here, caller: Asking, kind: _SheetPath) -> Response:
    """Return one of the tables as CSV."""
    words = house.pages.words[caller.language]
    try:
        people = await _residents(house, caller)
        if kind is SheetKind.RESIDENTS:
            rows: list[Sequence[str]] = [
                (one.home, one.name, one.kind, one.until or "") for one in people
            ]
        else:
            names = {one.id: one.name for one in people}
            rows = [
                (one.home, one.plate, names.get(one.resident or "", ""), one.until or "", one.label)
                for one in await _vehicles(house, caller)
            ]
    except Problem as problem:
        return told(house, caller, problem)
    kinds = {one.value: words.of("resident_kind", one) for one in ResidentKind}
    return Response(
        written(kind, rows, caller.language, kinds),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="{kind}.csv"'},
    )


async def check(
    house: Here,
    caller: Asking,
    kind: Annotated[SheetKind, Form()],
    file: Annotated[UploadFile, File()],
) -> Response:
    """Look at a whole file, and say what it would do and what is wrong in which line."""
    content = await file.read(SHEET)
    try:
        sheet = await _put(house, caller, kind, content)
    except Problem as problem:
        return told(house, caller, problem)
    return _page(house, caller, kind, sheet)


async def apply(
    house: Here,
    caller: Asking,
    kind: Annotated[SheetKind, Form()],
    sheet: Annotated[str, Form(pattern="^[0-9a-f]{32}$")],
) -> Response:
    """Put a file that was looked at on the register: all of it, or nothing."""
    try:
        done = await met(
            house,
            caller,
            lambda ref: wire.ApplySheet(ref, sheet, caller.guard),
            wire.SheetIs,
            within=LOAD_WITHIN,
        )
    except Problem as problem:
        return told(house, caller, problem)
    return _page(house, caller, kind, done)


def _page(
    house: House,
    caller: Caller,
    kind: SheetKind = SheetKind.RESIDENTS,
    sheet: wire.SheetIs | None = None,
) -> Response:
    zh = caller.language == "zh"
    headings = {
        each: tuple(names[0] if zh else names[1] for names in columns.values())
        for each, columns in HEADINGS.items()
    }
    return house.pages.page(
        caller,
        "sheets.html",
        200 if sheet is None or not sheet.wrong else 409,
        kind=kind,
        sheet=sheet,
        sheet_kinds=tuple(SheetKind),
        headings=headings,
        column=dict(zip(HEADINGS[kind], headings[kind], strict=True)),
    )


async def _put(house: House, caller: Caller, kind: SheetKind, content: bytes) -> wire.SheetIs:
    """Hand a file to core in parts; return what it comes to."""
    name = secrets.token_hex(16)
    parts = [content[at : at + PART] for at in range(0, len(content), PART)] or [b""]

    def part(number: int) -> Callable[[int], wire.AnyMessage]:
        some = parts[number]
        return lambda ref: wire.PutSheet(ref, name, kind, number, len(parts), some, caller.guard)

    said = wire.SheetIs(0, name)
    for number in range(len(parts)):
        said = await met(house, caller, part(number), wire.SheetIs, within=LOAD_WITHIN)
    return said


async def _residents(house: House, caller: Caller) -> list[wire.ResidentRow]:
    rows: list[wire.ResidentRow] = []
    for _ in range(_MOST_PAGES):
        some = (await met(house, caller, _people_after(len(rows)), wire.ResidentsAre)).rows
        if not some:
            break
        rows += some
    return rows


async def _vehicles(house: House, caller: Caller) -> list[wire.VehicleRow]:
    rows: list[wire.VehicleRow] = []
    for _ in range(_MOST_PAGES):
        some = (await met(house, caller, _cars_after(len(rows)), wire.VehiclesAre)).rows
        if not some:
            break
        rows += some
    return rows


def _people_after(skip: int) -> Callable[[int], wire.AnyMessage]:
    return lambda ref: wire.Residents(ref, skip)


def _cars_after(skip: int) -> Callable[[int], wire.AnyMessage]:
    return lambda ref: wire.Vehicles(ref, skip)
