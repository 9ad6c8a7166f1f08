"""The page of lights and chargers: how they are, what they used, and the button that arms."""

from datetime import timedelta
from typing import Annotated

from fastapi import Form, Query, Request
from fastapi.responses import Response

from edge import wire
from edge.channel import ChannelFault, Refused
from edge.clock import SystemClock
from edge.web.callers import Caller
from edge.web.house import Asking, Here, House
from edge.web.lights_view import by_time, load_view, plot, total, zone_view
from edge.web.press import notice

DAYS = 31
MONTHS = 12
_TONES = {"armed": "ok", "armed_already": "ask"}
_Id = Annotated[str, Form(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
_ZoneId = Annotated[str, Query(pattern=r"^([a-z0-9][a-z0-9_-]{0,31})?$")]


async def page(request: Request, house: Here, caller: Asking, zone: _ZoneId = "") -> Response:
    """Return the page, with the figures of one zone or of all."""
    today = SystemClock().now().utc.astimezone(house.zone).date()
    since = today - timedelta(days=DAYS - 1)
    first = today.replace(year=today.year - 1, day=1)
    try:
        days = await house.core.ask(lambda ref: wire.Energy(ref, since.isoformat()), wire.EnergyIs)
        months = await house.core.ask(
            lambda ref: wire.Energy(ref, first.isoformat(), by_month=True), wire.EnergyIs
        )
    except (ChannelFault, Refused):
        return house.pages.problem(request, caller, 503, "core_away")
    by_day, by_month = by_time(days.lines, zone), by_time(months.lines, zone)[-MONTHS:]
    return house.pages.page(
        caller,
        "lights.html",
        pieces=_now(house, caller),
        days=by_day[::-1],
        months=by_month[::-1],
        plot=plot(by_day),
        sum=total(by_day),
        zones=house.settings.zone,
        chosen=zone,
    )


async def now(house: Here, caller: Asking) -> Response:
    """Return how zones and sockets are, for a page that asks again and again."""
    return Response(_now(house, caller), media_type="text/html")


async def arm(house: Here, caller: Asking, load: _Id) -> Response:
    """Arm a socket in the guard's name, and say what came of it."""
    words = house.pages.words[caller.language]
    names = {each.id: each.name or each.id for each in house.settings.load}
    if load not in names:
        return notice(house, caller, 404, "no", words.of("armed", "no_load"))
    try:
        answer = await house.core.ask(
            lambda ref: wire.ArmLoad(ref, load, caller.guard), wire.Armed, urgent=True
        )
    except Refused as failure:
        return notice(house, caller, 409, "no", str(failure))
    except ChannelFault:
        return notice(house, caller, 503, "no", words.of("problem", "core_away"))
    text = " · ".join((names[load], words.of("armed", answer.answer)))
    return notice(house, caller, 200, _TONES.get(answer.answer, "no"), text)


def _now(house: House, caller: Caller) -> str:
    words, site = house.pages.words[caller.language], house.board.site
    known = site if site is not None and house.board.up else None
    return house.pages.fill(
        caller.language,
        "lights_now.html",
        up=known is not None,
        zones=tuple(zone_view(each, words) for each in known.zones) if known else (),
        loads=tuple(load_view(each, words) for each in known.loads) if known else (),
    )
