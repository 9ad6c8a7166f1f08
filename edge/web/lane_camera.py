"""The lane's camera where that is its screen's own: pictures in, with an age to be believed."""

import math
from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from edge import wire
from edge.channel import ChannelFault
from edge.web.callers import Screen
from edge.web.house import Asking, Here, House
from edge.web.numbers import LaneNumber

TICK_LASTS = 10.0
"""Seconds after which a tick gives no age any more; every answer brings a new one."""
_TICK = "tick"
_JPEG_STARTS = b"\xff\xd8\xff"


async def frame(number: LaneNumber, request: Request, house: Here, caller: Asking) -> Response:
    """Take one JPEG of the device's camera and pass it to vision with its age.

    The device names the last `tick` that it got from us and the milliseconds between then and the
    moment of the picture, so that the age counts a slow network as well and needs no common clock.
    A tick is signed for one screen. A picture without a tick of its own is not used; the answer
    gives one. The device that was the last to turn its camera on is the lane's camera.
    """
    lane = house.lane(number)
    camera = house.kiosk(lane) if lane else None
    screen = caller.screens.get(number)
    if camera is None or screen is None:
        return house.pages.problem(request, caller, 404)
    if "x-begin" in request.headers:
        house.screens.begin(number, screen.nonce)
    if not house.screens.films(number, screen.nonce):
        return JSONResponse({"taken": False}, 409)
    now = house.mono()
    tick = {"tick": house.seal.sign(_TICK, [number, screen.nonce, now])}
    age = _age(house, screen, request.headers, now)
    body = await request.body()
    if age is None:
        return JSONResponse(tick | {"taken": False})
    if not body.startswith(_JPEG_STARTS):
        return house.pages.problem(request, caller, 400)
    try:
        await house.eye.tell(wire.Push(camera, body, age))
    except ChannelFault:
        return JSONResponse(tick | {"taken": False}, 503)
    return JSONResponse(tick | {"taken": True})


def _age(house: House, screen: Screen, headers: Mapping[str, str], now: float) -> float | None:
    """Return the age of a picture in seconds, or None where no tick of this screen tells it."""
    match house.seal.read(_TICK, headers.get("x-tick", "")):
        case [screen.lane, screen.nonce, float(tick)] if 0 <= now - tick <= TICK_LASTS:
            since = _seconds(headers.get("x-since"))
            return None if since is None else max(0.0, now - tick - since / 1000)
        case _:
            return None


def _seconds(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
