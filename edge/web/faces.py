"""The two buttons of a row that a face opened: that was the resident, or it was not."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response

from edge import wire
from edge.channel import ChannelFault, Refused
from edge.web.callers import Caller
from edge.web.house import Asking, Here, House
from edge.web.numbers import Seq
from edge.web.press import notice


async def that_person(house: Here, caller: Asking, seq: Annotated[Seq, Form()]) -> Response:
    """Have the face of a row learnt as that of the resident whom it names, who agreed to that."""
    done = house.pages.words[caller.language].text("Noted: this passage was learnt from.")
    return await _told(house, caller, lambda ref: wire.ThatPerson(ref, seq, caller.guard), done)


async def not_that_person(house: Here, caller: Asking, seq: Annotated[Seq, Form()]) -> Response:
    """Have the face of a row kept against the resident whom it was taken for."""
    words = house.pages.words[caller.language]
    done = words.text("Noted: this face is no longer taken for that resident.")
    return await _told(house, caller, lambda ref: wire.NotThatPerson(ref, seq, caller.guard), done)


async def _told(
    house: House, caller: Caller, request: Callable[[int], wire.AnyMessage], done: str
) -> Response:
    words = house.pages.words[caller.language]
    try:
        await house.core.ask(request, wire.Done)
    except Refused as failure:
        return notice(house, caller, 409, "no", str(failure))
    except ChannelFault:
        return notice(house, caller, 503, "no", words.of("problem", "core_away"))
    return notice(house, caller, 200, "ok", done)
