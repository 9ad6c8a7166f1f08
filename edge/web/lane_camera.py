"""The lane's camera where that is its screen's own: pictures in, with an age to be believed."""

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from edge import wire
from edge.channel import ChannelFault
from edge.web import ticks
from edge.web.house import Asking, Here
from edge.web.numbers import LaneNumber

TICK_LASTS = 10.0
"""Seconds after which a tick gives no age any more; every answer brings a new one."""
_TICK = "tick"
_JPEG_STARTS = b"\xff\xd8\xff"


async def frame(number: LaneNumber, request: Request, house: Here, caller: Asking) -> Response:
    """Take one JPEG of the device's camera and pass it to vision with its age.

    The age is that of the device's tick (edge/web/ticks.py), which is signed for one screen. A
    picture without a tick of its own is not used; the answer gives one. The device that was the
    last to turn its camera on is the lane's camera.
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
    tick = {"tick": ticks.give(house, _TICK, number, screen.nonce)}
    taken = ticks.moment(house, request.headers, TICK_LASTS, _TICK, number, screen.nonce)
    age = 0.0 if taken is None else house.mono() - taken
    body = await request.body()
    if taken is None:
        return JSONResponse(tick | {"taken": False})
    if not body.startswith(_JPEG_STARTS):
        return house.pages.problem(request, caller, 400)
    try:
        await house.eye.tell(wire.Push(camera, body, age))
    except ChannelFault:
        return JSONResponse(tick | {"taken": False}, 503)
    return JSONResponse(tick | {"taken": True})
