"""The guard's page: the lanes, the log that fills by itself, and the buttons."""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from config.lanes import LaneTable
from edge import wire
from edge.channel import ChannelFault, Refused
from edge.web.admission import Who
from edge.web.board import KEPT_ROWS, Again, News
from edge.web.callers import Caller
from edge.web.house import Asking, Here, House
from edge.web.numbers import LaneNumber, Seq
from edge.web.press import asked, notice, pressed_at, tick
from edge.web.rows import RowView, fault_view, row_view, tile_view
from edge.web.stream import EventStream, event
from models.errors import StoreFault
from models.event import Event
from models.lane import Direction, Liveness
from models.observation import GuardPressed, GuardReason, Sighting
from models.standing import Standing

PING = 5.0
"""Seconds between two signs of life of a stream."""
CODE_LENGTH = 600
NOTE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Tile:
    """What of a lane's tile never changes."""

    number: int
    place: str
    cameras: tuple[str, ...]
    directions: tuple[str, ...]
    demo: bool
    live: bool


class OpenForm(BaseModel):
    """A guard opens a lane, perhaps in answer to a row."""

    lane: LaneNumber
    direction: Direction
    why: GuardReason
    note: str = Field(default="", max_length=NOTE_LENGTH)
    answers: Seq | None = None


class CheckForm(BaseModel):
    """A code from a scanner or keyboard, and the lane it is for: `2 exit`."""

    where: str = Field(pattern=r"^[1-9][0-9]? (entry|exit)$")
    text: str = Field(min_length=1, max_length=CODE_LENGTH)


class OrderForm(BaseModel):
    """A guard orders something to stand at a lane, and says why."""

    lane: LaneNumber
    what: Standing
    reason: str = Field(max_length=NOTE_LENGTH, pattern=r"\S")


async def page(house: Here, caller: Asking) -> Response:
    """Return the guard's page as it stands now."""
    rows = tuple(row_of(house, caller, each) for each in reversed(house.board.rows))
    return house.pages.page(
        caller,
        "guard.html",
        tiles=tuple(_tile(house, lane) for lane in house.settings.lane),
        rows=rows,
        oldest=_oldest(house),
        kiosks=house.kiosks,
        has_lights=bool(house.settings.zone or house.settings.load),
        reasons=tuple(GuardReason),
        standings=tuple(Standing),
        manages=Who.MANAGER in caller.roles(None),
        tick=tick(house, caller),
        pieces=dict(_state(house, caller)),
    )


async def events(house: Here, caller: Asking) -> Response:
    """Return the stream that keeps the page true."""
    return EventStream(_stream(house, caller))


async def open_by_hand(
    request: Request, house: Here, caller: Asking, form: Annotated[OpenForm, Form()]
) -> Response:
    """Ask core to open a lane for the guard, and say what came of it."""
    pressed = pressed_at(house, caller, request, form.lane)
    if isinstance(pressed, Response):
        return pressed
    at = Sighting(form.lane, form.direction, pressed)
    seen = GuardPressed(at, caller.guard, form.why, form.note.strip(), form.answers)
    return await asked(house, caller, form.lane, lambda ref: wire.Press(ref, seen))


async def check(
    request: Request, house: Here, caller: Asking, form: Annotated[CheckForm, Form()]
) -> Response:
    """Put a code through the same decision as a code held to a reader."""
    lane, direction = form.where.split(" ")
    text = form.text.strip("\r\n\t")
    pressed = pressed_at(house, caller, request, int(lane))
    if isinstance(pressed, Response):
        return pressed
    return await asked(
        house,
        caller,
        int(lane),
        lambda ref: wire.Check(ref, int(lane), direction, text, caller.guard, pressed),
    )


async def order(
    request: Request, house: Here, caller: Asking, form: Annotated[OrderForm, Form()]
) -> Response:
    """Let a lock-down or an open barrier stand at a lane in the guard's name."""
    pressed = pressed_at(house, caller, request, form.lane)
    if isinstance(pressed, Response):
        return pressed
    what, why = form.what, form.reason.strip()
    return await asked(
        house,
        caller,
        form.lane,
        lambda ref: wire.Stand(ref, form.lane, what, caller.guard, pressed, why),
    )


async def end_order(house: Here, caller: Asking, lane: Annotated[LaneNumber, Form()]) -> Response:
    """End what stands at a lane, in the guard's name."""
    now = house.mono()
    return await asked(
        house, caller, lane, lambda ref: wire.Stand(ref, lane, "", caller.guard, now)
    )


async def reset(house: Here, caller: Asking, lane: Annotated[LaneNumber, Form()]) -> Response:
    """Take a held or unknown barrier back into service in the guard's name."""
    words = house.pages.words[caller.language]
    if house.lane(lane) is None:
        return notice(house, caller, 404, "no", words.of("problem", "no_lane"))
    try:
        await house.core.ask(
            lambda ref: wire.ResetHold(ref, lane, caller.guard), wire.Done, urgent=True
        )
    except Refused as failure:
        return notice(house, caller, 409, "no", str(failure))
    except ChannelFault:
        return notice(house, caller, 503, "no", words.of("problem", "core_away"))
    text = " · ".join((house.place(lane), words.text("Barrier back in service.")))
    return notice(house, caller, 200, "ok", text)


async def renew_screen_key(
    house: Here, caller: Asking, lane: Annotated[LaneNumber, Form()]
) -> Response:
    """Make the key of a lane's screens void, and every screen that was made with it."""
    words = house.pages.words[caller.language]
    if house.lane(lane) is None:
        return notice(house, caller, 404, "no", words.of("problem", "no_lane"))
    try:
        await house.screens.renew(lane)
    except StoreFault:
        return notice(house, caller, 503, "no", words.of("problem", "not_kept"))
    house.board.send_away(lane)
    text = words.text("New screen key made. Open the lane's screen again on its device.")
    return house.pages.piece(
        caller,
        "renewed.html",
        tone="ok",
        text=" · ".join((house.place(lane), text)),
        number=lane,
        screen=_screen(house, caller, lane),
    )


async def _stream(house: House, caller: Caller) -> AsyncGenerator[bytes, None]:
    listener = house.board.listen()
    if listener is None:
        yield event("busy", "")
        return
    sent: dict[str, str] = {}
    pinged = house.mono()
    try:
        yield event("tick", tick(house, caller))
        for each in house.board.rows:
            yield _row_event(house, caller, each)
        while not listener.dropped:
            for name, html in _state(house, caller):
                if sent.get(name) != html:
                    sent[name] = html
                    yield event(name, html)
            news = await listener.next(PING)
            for piece in _told(house, caller, news):
                yield piece
            if house.mono() - pinged >= PING:
                pinged = house.mono()
                if caller.session and not await house.accounts.stands(caller.session):
                    yield event("leave", "")
                    return
                yield event("tick", tick(house, caller))
                yield event("ping", "")
    finally:
        house.board.leave(listener)


def _told(house: House, caller: Caller, news: News | None) -> Iterator[bytes]:
    """Yield what a guard's page is told of `news` about rows."""
    if isinstance(news, Event):
        yield _row_event(house, caller, news)
    elif isinstance(news, Again):
        yield event("again", "")
        for each in house.board.rows:
            yield _row_event(house, caller, each)


def _oldest(house: House) -> int:
    """Return the number of the oldest row that the page starts with, 0 where it has all."""
    seqs = [each.seq for each in house.board.rows]
    return min(seqs, default=0) if len(seqs) >= KEPT_ROWS else 0


def _row_event(house: House, caller: Caller, each: Event) -> bytes:
    html = house.pages.fill(caller.language, "row.html", row=row_of(house, caller, each))
    return event("row", html)


def row_of(house: House, caller: Caller, each: Event) -> RowView:
    """Return `each` as the caller's page shows it."""
    return row_view(
        each,
        house.pages.words[caller.language],
        {lane.number: house.place(lane.number) for lane in house.settings.lane},
        house.zone,
        answered=house.board.answered(each),
    )


def _state(house: House, caller: Caller) -> Iterator[tuple[str, str]]:
    """Yield each part of the page that changes, by the name of its event."""
    words = house.pages.words[caller.language]
    board, site = house.board, house.board.site
    zone = house.zone
    up = board.up
    lanes = {lane.number: lane for lane in site.lanes} if site else {}
    troubled = {each.id: each.state for each in site.cameras if not each.ok} if site else {}
    for table in house.settings.lane:
        lane = lanes.get(table.number)
        tile = tile_view(lane, troubled, words, zone) if lane and up else None
        yield (
            f"lane-{table.number}",
            house.pages.fill(caller.language, "tile.html", tile=tile, number=table.number),
        )
        yield f"screen-{table.number}", _screen(house, caller, table.number)
    yield "status", house.pages.fill(caller.language, "status.html", site=site, up=up)
    faults = tuple(fault_view(fault, words, zone) for fault in site.faults) if site else ()
    notices = site.notices if site else ()
    yield (
        "faults",
        house.pages.fill(caller.language, "faults.html", faults=faults, notices=notices, up=up),
    )


def _screen(house: House, caller: Caller, number: int) -> str:
    """Return the way to lane `number`'s screen, with the key that is good now."""
    key = house.seal.lane_key(number, house.screens.generation(number))
    return house.pages.fill(
        caller.language,
        "screen.html",
        number=number,
        link=f"/lane/{number}?key={key}",
        renews=Who.MANAGER in caller.roles(None),
    )


def _tile(house: House, lane: LaneTable) -> Tile:
    return Tile(
        number=lane.number,
        place=house.place(lane.number),
        cameras=tuple(dict.fromkeys(view.camera for view in lane.view)),
        directions=tuple(sorted(lane.directions)),
        demo=lane.demo,
        live=lane.liveness is not Liveness.OFF,
    )
