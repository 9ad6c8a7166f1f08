"""The form of a pass, as filled in on a phone, read by the compound's own clock. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from pydantic import BaseModel, Field

from central.passes.order import MOST_USES, Order, Rule, Unfit
from central.resident.site import Site
from models.visit import DAY, PassKind, Weekly

OFFERED: Final = (PassKind.SINGLE, PassKind.DELIVERY, PassKind.WINDOW, PassKind.RECURRING)
"""The kinds that a phone offers, the most usual first; paper is the desk's."""
HOURS: Final = (1, 2, 4, 8)
"""For how many hours a delivery may be awaited."""
_WINDOW_USES: Final = 10


class NewPass(BaseModel):
    """A pass as typed in; every field is text, for a browser without scripts says nothing else."""

    kind: str = Field(default="", max_length=20)
    label: str = Field(default="", max_length=200)
    day: str = Field(default="", max_length=20)
    last: str = Field(default="", max_length=20)
    start: str = Field(default="", max_length=10)
    end: str = Field(default="", max_length=10)
    hours: str = Field(default="", max_length=4)
    uses: str = Field(default="", max_length=6)
    plate: str = Field(default="", max_length=40)
    days: list[str] = Field(default=[], max_length=7)
    lanes: list[str] = Field(default=[], max_length=63)


@dataclass(frozen=True, slots=True)
class Blank:
    """What an empty form shows."""

    day: str
    last: str
    start: str
    end: str
    uses: str


def blank(kind: PassKind, site: Site, now: datetime) -> Blank:
    """Return what is usual for a kind: a single visit lasts until tonight, others some days."""
    local = now.astimezone(site.zone)
    spans = {PassKind.WINDOW: 6, PassKind.RECURRING: 180}
    last = local.date() + timedelta(days=spans.get(kind, 0))
    start = f"{local:%H:%M}" if kind is PassKind.SINGLE else "09:00"
    end = "23:59" if kind is PassKind.SINGLE else "18:00"
    uses = str(_WINDOW_USES) if kind is PassKind.WINDOW else "1"
    return Blank(local.date().isoformat(), last.isoformat(), start, end, uses)


def kind_of(name: str) -> PassKind | None:
    """Return the kind of a form; None for one that a phone does not offer."""
    return next((kind for kind in OFFERED if kind.value == name), None)


def order_of(form: NewPass, kind: PassKind, site: Site, now: datetime) -> Order:
    """Return what a form orders.

    Raises Unfit with the rule that it breaks, as far as that can be seen from the form alone.
    """
    not_before, expires = _span(form, kind, site, now)
    return Order(
        label=form.label,
        kind=kind,
        not_before=not_before,
        expires=expires,
        lanes=site.for_visitors(_numbers(form.lanes, Rule.LANES)),
        uses=_uses(form, kind),
        weekly=_weekly(form) if kind is PassKind.RECURRING else None,
        plate=form.plate.strip() or None,
    )


def _span(form: NewPass, kind: PassKind, site: Site, now: datetime) -> tuple[datetime, datetime]:
    if kind is PassKind.DELIVERY:
        hours = int(form.hours) if form.hours in {str(each) for each in HOURS} else HOURS[1]
        return now, now + timedelta(hours=hours)
    first = _day(form.day)
    if kind is PassKind.SINGLE:
        start, end = _time(form.start), _time(form.end)
        last = first if end > start else first + timedelta(days=1)
        return _at(first, start, site), _at(last, end, site)
    # From the first day's beginning to the last day's end.
    last = _day(form.last) + timedelta(days=1)
    return _at(first, time(0), site), _at(last, time(0), site)


def _at(day: date, clock: time, site: Site) -> datetime:
    return datetime.combine(day, clock, site.zone)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Unfit(Rule.START) from error
    # Beyond these a day later, or its time in UTC, would be no date any more.
    if not date(2000, 1, 1) <= day <= date(2199, 12, 31):
        raise Unfit(Rule.START)
    return day


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError as error:
        raise Unfit(Rule.START) from error


def _uses(form: NewPass, kind: PassKind) -> int:
    if kind is PassKind.RECURRING:
        return MOST_USES[kind]
    if kind is not PassKind.WINDOW:
        return 1
    text = form.uses.strip()
    if not (text.isascii() and text.isdecimal()):
        raise Unfit(Rule.USES)
    return int(text)


def _weekly(form: NewPass) -> Weekly:
    start, end = _time(form.start), _time(form.end)
    minutes = start.hour * 60 + start.minute, end.hour * 60 + end.minute
    try:
        return Weekly(_numbers(form.days, Rule.WEEKLY), minutes[0], minutes[1] or DAY)
    except ValueError as error:
        raise Unfit(Rule.WEEKLY) from error


def _numbers(texts: list[str], rule: Rule) -> frozenset[int]:
    if not all(text.isascii() and text.isdecimal() and len(text) <= 2 for text in texts):  # noqa: PLR2004 - lanes and days have two digits at most
        raise Unfit(rule)
    return frozenset(int(text) for text in texts)
