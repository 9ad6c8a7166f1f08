"""The passes of a home: made, shared, looked after, taken back."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final

from fastapi import Form, Request
from fastapi.responses import Response

from central.absence import Absent
from central.callers import Caller
from central.database import reading, writing
from central.house import Asking, Here, House
from central.passes.link import link_path, link_token
from central.passes.making import NoSuchPass, make_pass, revoke_pass
from central.passes.order import Host, Unfit
from central.passes.record import Record, find_pass, passes_of
from central.resident.asking import Acting, Mine, seen, words_of
from central.resident.history import Use, newest_uses, uses_of
from central.resident.household import Household
from central.resident.order_form import HOURS, OFFERED, NewPass, blank, kind_of, order_of
from central.resident.times import Clock
from central.visitor.finding import passages_of
from central.visitor.standing import Passage, Standing, standing
from models.visit import UNLIMITED, PassKind

_STATES: Final = {
    Standing.WORKS: "live",
    Standing.NOT_NOW: "live",
    Standing.NOT_YET: "early",
    Standing.INSIDE: "inside",
    Standing.USED: "used",
    Standing.OVER: "over",
    Standing.REVOKED: "revoked",
}
_PAST: Final = 20
"""Passes that are over and still listed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A pass as its host sees it.

    `state` is `live`, `early`, `inside` (its visitor is), `used`, `over` or `revoked`.
    """

    record: Record
    state: str
    host: str
    """Who of the household made it; empty where it was the asker."""
    last: Use | None = None
    """When it was shown last; None where it was not, or nobody asked."""
    doubled: bool = False
    """Whether it was used twice while gates could not talk to each other."""

    @property
    def usable(self) -> bool:
        """Whether it lets anybody in or out, now or later."""
        return self.state in {"live", "early", "inside"}

    @property
    def ends(self) -> bool:
        """Whether there is anything left to take back: a used pass may have been copied."""
        return self.usable or self.state == "used"

    @property
    def many(self) -> bool:
        """Whether its uses are counted."""
        return 1 < self.record.uses < UNLIMITED


def listed(house: Here, caller: Asking, mine: Mine) -> Response:
    """Return the household's passes."""
    now = house.now()
    shown = passes_shown(house, mine, now)
    return house.pages.page(
        caller,
        "resident/passes.html",
        mine=mine,
        live=[one for one in shown if one.usable],
        past=[one for one in shown if not one.usable][:_PAST],
        words=words_of(house, caller),
        clock=Clock(caller.language, mine.site.zone, now),
    )


def new(house: Here, caller: Asking, mine: Mine, kind: str = "") -> Response:
    """Return the choice of kinds, or the form of one."""
    chosen = kind_of(kind)
    if chosen is None:
        return house.pages.page(
            caller,
            "resident/pass_kinds.html",
            mine=mine,
            kinds=OFFERED,
            words=words_of(house, caller),
        )
    usual = blank(chosen, mine.site, house.now())
    given = NewPass(
        kind=chosen.value,
        day=usual.day,
        last=usual.last,
        start=usual.start,
        end=usual.end,
        uses=usual.uses,
        days=["0", "1", "2", "3", "4"],
    )
    return _form(house, caller, mine, chosen, given)


def make(house: Here, caller: Asking, mine: Acting, form: Annotated[NewPass, Form()]) -> Response:
    """Make a pass and show it, or say which rule it breaks."""
    kind, now = kind_of(form.kind), house.now()
    if kind is None:
        message = "there is no such kind of pass"
        raise Absent(message)
    host = Host(mine.compound, mine.home, mine.me.resident_id)
    try:
        order = order_of(form, kind, mine.site, now)
        with writing(house.engine) as connection:
            made = make_pass(connection, house.secret, host, order, now)
    except Unfit as unfit:
        problem = words_of(house, caller).of("pass_rule", unfit.rule)
        return _form(house, caller, mine, kind, form, problem)
    return seen(f"/home/passes/{made.pass_id}?made=1")


def page(
    request: Request, house: Here, caller: Asking, mine: Mine, pass_id: str, made: str = ""
) -> Response:
    """Return one pass: its link, its number, and when it was used."""
    now = house.now()
    with reading(house.engine) as connection:
        record = find_pass(connection, mine.compound, mine.home, pass_id)
        if record is None or not mine.sees_passes_of(record.host.resident_id):
            message = "this household has no such pass"
            raise Absent(message)
        uses = uses_of(connection, mine.compound, record.pass_id)
        passages = passages_of(connection, mine.compound, [pass_id])
    token = link_token(house.secret, mine.compound, record.pass_id)
    return house.pages.page(
        caller,
        "resident/pass.html",
        mine=mine,
        shown=_shown(mine, record, passages[pass_id], now),
        link=house.address(request) + link_path(token),
        path=link_path(token),
        uses=uses,
        fresh=made == "1",
        words=words_of(house, caller),
        clock=Clock(caller.language, mine.site.zone, now),
    )


def revoke(house: Here, mine: Mine, pass_id: str) -> Response:
    """Take a pass back: it opens nothing from now on."""
    with writing(house.engine) as connection:
        record = find_pass(connection, mine.compound, mine.home, pass_id)
        if record is None or not mine.sees_passes_of(record.host.resident_id):
            message = "this household has no such pass"
            raise Absent(message)
        try:
            revoke_pass(connection, mine.compound, mine.home, pass_id, house.now())
        except NoSuchPass as gone:
            raise Absent(str(gone)) from gone
    return seen(f"/home/passes/{pass_id}")


def passes_shown(house: House, mine: Household, now: datetime) -> tuple[Shown, ...]:
    """Return what the household made and is still kept, that which lasts longest first."""
    with reading(house.engine) as connection:
        records = [
            one
            for one in passes_of(connection, mine.compound, mine.home)
            if mine.sees_passes_of(one.host.resident_id)
        ]
        ids = [one.pass_id for one in records]
        uses = newest_uses(connection, mine.compound, ids)
        passages = passages_of(connection, mine.compound, ids)
    shown = []
    for record in records:
        last, doubled = uses.get(record.pass_id, (None, False))
        one = _shown(mine, record, passages[record.pass_id], now)
        shown.append(replace(one, last=last, doubled=doubled))
    return tuple(shown)


def _shown(mine: Household, record: Record, passages: tuple[Passage, ...], now: datetime) -> Shown:
    host = record.host.resident_id
    names = {one.resident_id: one.name for one in mine.people}
    name = "" if host == mine.me.resident_id else names.get(host, "")
    stands = standing(record, passages, mine.site.zone, now)
    return Shown(record, _STATES[stands], name)


def _form(
    house: House,
    caller: Caller,
    mine: Household,
    kind: PassKind,
    given: NewPass,
    problem: str = "",
) -> Response:
    return house.pages.page(
        caller,
        "resident/pass_form.html",
        400 if problem else 200,
        mine=mine,
        kind=kind,
        given=given,
        hours=HOURS,
        lanes=mine.site.ways_in(),
        problem=problem,
        words=words_of(house, caller),
        today=mine.site.today(house.now()).isoformat(),
    )
