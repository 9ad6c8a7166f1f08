"""The lane's screen: one big answer, a call button, and the device's own camera where wanted."""

import json
from collections.abc import AsyncGenerator

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from edge import wire
from edge.channel import ChannelFault, Refused
from edge.web.callers import Screen
from edge.web.guard import PING
from edge.web.house import Asking, Here, House
from edge.web.numbers import LaneNumber
from edge.web.public_words import words_for
from edge.web.stream import EventStream, event
from edge.web.words import Language
from models.advice import Advice
from models.movement import Movement
from models.signal import Signal

SAID = (
    "idle",
    "offline",
    "restarting",
    "calling",
    "call_failed",
    "call",
    "sound",
    "camera",
    "camera_on",
    "camera_denied",
    "camera_missing",
    "camera_failed",
    "camera_insecure",
    "camera_taken",
)
"""The sentences of the screen that are no answer to anyone."""
CALL_AGAIN = 5.0
"""Seconds in which a second tap on the call button is the same call."""


async def page(number: LaneNumber, request: Request, house: Here, caller: Asking) -> Response:
    """Return the lane's screen; a key in the address is put into a cookie and taken out."""
    lane = house.lane(number)
    screen = caller.screens.get(number)
    if lane is None or screen is None:
        return house.pages.problem(request, caller, 404)
    if "key" in request.query_params:
        response: Response = RedirectResponse(f"/lane/{number}", 303)
        house.cookies.remember_screen(response, screen)
        return response
    zh, en = (house.pages.words[each] for each in (Language.ZH, Language.EN))
    return house.pages.page(
        caller,
        "lane.html",
        number=number,
        place=house.place(number),
        zone=house.settings.site.timezone,
        kiosk=house.kiosk(lane) is not None,
        said={name: (zh.of("gate", name), en.of("gate", name)) for name in SAID},
    )


async def events(number: LaneNumber, house: Here, caller: Asking) -> Response:
    """Return the stream of this lane's answers."""
    return EventStream(_stream(house, caller.screens[number]))


async def call(number: LaneNumber, request: Request, house: Here, caller: Asking) -> Response:
    """Call the guard; a second tap within a few seconds is the same call."""
    if house.lane(number) is None:
        return house.pages.problem(request, caller, 404)
    now = house.mono()
    if now - house.calls.get(number, float("-inf")) >= CALL_AGAIN:
        # Noted before core is asked, so that many taps at once are one call.
        house.calls[number] = now
        try:
            await house.core.ask(lambda ref: wire.Call(ref, number), wire.Done)
        except (ChannelFault, Refused):
            del house.calls[number]
            return JSONResponse({"ok": False}, 503)
    return JSONResponse({"ok": True})


async def _stream(house: House, screen: Screen) -> AsyncGenerator[bytes, None]:
    number = screen.lane
    listener = house.board.listen_at(number, screen.nonce)
    if listener is None:
        yield event("busy", "")
        return
    up: bool | None = None
    pinged = house.mono()
    try:
        standing = house.board.shown(number)
        while not listener.dropped and _stands(house, screen):
            if up is not house.board.up:
                up = house.board.up
                yield event("core", json.dumps({"up": up}))
            if standing is not None:
                yield event("shown", _shown(house, standing))
            news = await listener.next(PING)
            mine = isinstance(news, wire.Shown) and news.lane == number
            standing = news if isinstance(news, wire.Shown) and mine else None
            if house.mono() - pinged >= PING:
                pinged = house.mono()
                yield event("ping", "")
        if not _stands(house, screen):
            yield event("leave", "")
    finally:
        house.board.leave(listener)


def _stands(house: House, screen: Screen) -> bool:
    return screen.generation == house.screens.generation(screen.lane)


def _shown(house: House, shown: wire.Shown) -> str:
    words = words_for(shown.signal, shown.word)
    zh, en = (house.pages.words[each].of("gate", words) for each in (Language.ZH, Language.EN))
    known = shown.signal if shown.signal in set(Signal) else "idle"
    asked = shown.word if shown.word in set(Movement) else ""
    moves = asked or shown.word in set(Advice)
    said = {"signal": "move" if moves else known, "zh": zh, "en": en, "move": asked}
    return json.dumps(said, ensure_ascii=False)
