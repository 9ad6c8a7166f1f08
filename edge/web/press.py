"""What a guard presses: dated by the page's tick, passed on to core, answered with a notice."""

from collections.abc import Callable

from fastapi import Request
from fastapi.responses import Response

from edge import wire
from edge.channel import ChannelFault, Refused
from edge.web import ticks
from edge.web.callers import Caller
from edge.web.house import House
from models.standing import ENDED, ORDERED

TICK_LASTS = 20.0
"""Seconds for which a page's tick tells when a button was pressed; the stream brings new ones."""
_PRESS = "press"
_Make = Callable[[int], wire.AnyMessage]


async def asked(house: House, caller: Caller, lane: int, make: _Make) -> Response:
    """Return what came of the request that `make` builds around a fresh ref, as a notice."""
    words = house.pages.words[caller.language]
    if house.lane(lane) is None:
        return notice(house, caller, 404, "no", words.of("problem", "no_lane"))
    try:
        answered = await house.core.ask(make, wire.Answered, urgent=True)
    except Refused as failure:
        return notice(house, caller, 409, "no", str(failure))
    except ChannelFault:
        return notice(house, caller, 503, "no", words.of("problem", "core_away"))
    opened = answered.answer == "opened"
    vocabulary = "answer" if words.knows("answer", answered.answer) else "outcome"
    said = [house.place(lane), words.of(vocabulary, answered.answer)]
    done = opened or answered.answer in {ORDERED, ENDED}
    if answered.reason != "guard" or not done:
        said.append(words.of("reason", answered.reason))
    if not answered.recorded:
        said.append(words.text("Not recorded yet; it will be once the disk is back."))
    tone = "ok" if done else "ask" if answered.answer == "asked" else "no"
    return notice(house, caller, 200, tone, " · ".join(said))


def pressed_at(house: House, caller: Caller, request: Request, lane: int) -> float | Response:
    """Return when the button was pressed, or the answer to a press that took too long to get here.

    A page on a network that stalls may send what was pressed long ago: whoever stood there is gone.
    """
    pressed = ticks.moment(house, request.headers, TICK_LASTS, _PRESS, caller.nonce)
    table = house.lane(lane)
    limit = table.max_age if table else 0.0
    if table is None or (pressed is not None and house.mono() - pressed <= limit):
        return house.mono() if pressed is None else pressed
    words = house.pages.words[caller.language]
    answer = notice(house, caller, 409, "no", words.of("problem", "pressed_late"))
    answer.headers["x-tick"] = tick(house, caller)
    return answer


def tick(house: House, caller: Caller) -> str:
    """Return our clock in milliseconds, and the tick of it that the page gives back."""
    return f"{house.mono() * 1000:.0f} {ticks.give(house, _PRESS, caller.nonce)}"


def notice(house: House, caller: Caller, status: int, tone: str, text: str) -> Response:
    """Return a notice in one of the tones of a row."""
    return house.pages.piece(caller, "notice.html", status, tone=tone, text=text)
