"""What a pass says in plain words: whom for, where it works and when. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final, Literal

from babel.dates import format_skeleton, get_day_names
from babel.lists import format_list

from central.languages import Language, Words
from central.passes.record import Record
from central.resident.site import Site
from models.visit import UNLIMITED, PassKind, Weekly

_DAYS: Final[dict[Language, Literal["abbreviated", "wide"]]] = {
    Language.ZH: "abbreviated",
    Language.EN: "wide",
}
_LOCALE: Final = {Language.ZH: "zh_CN", Language.EN: "en_GB"}


@dataclass(frozen=True, slots=True)
class Wording:
    """One pass in one language; nothing of it says who lives where."""

    language: Language
    site: str
    label: str
    where: str
    when: str
    often: str
    """How often it opens."""
    pin: str | None = field(repr=False)
    plate: str | None = field(default=None, repr=False)


def wording(record: Record, site: Site, words: Words, now: datetime) -> Wording:
    """Return what the pass says; days and times are the compound's own."""
    return Wording(
        language=words.language,
        site=site.name,
        label=record.label,
        where=_where(record, site, words),
        when=_when(record, site, words, now),
        often=_often(record, words),
        pin=record.pin,
        plate=record.plate,
    )


def _where(record: Record, site: Site, words: Words) -> str:
    ways_in = site.ways_in()
    named = [lane.name for lane in ways_in if lane.number in record.lanes]
    if not named or len(named) == len(ways_in):
        return words.text("Every way in")
    return format_list(named, locale=_locale(words))


def _when(record: Record, site: Site, words: Words, now: datetime) -> str:
    first, last = site.clock(record.not_before), site.clock(record.expires)
    this_year = site.today(now).year
    days = [_day(each.date(), this_year, words) for each in (first, last)]
    if record.weekly is not None:
        parts = {"week": _week(record.weekly, words), "from": days[0], "to": days[1]}
        return words.text("%(week)s, from %(from)s to %(to)s") % parts
    start, end = f"{first:%H:%M}", f"{last:%H:%M}"
    if first.date() == last.date():
        return words.text("%(day)s, %(start)s to %(end)s") % {
            "day": days[0],
            "start": start,
            "end": end,
        }
    return words.text("from %(from)s to %(to)s") % {
        "from": f"{days[0]} {start}",
        "to": f"{days[1]} {end}",
    }


def _week(weekly: Weekly, words: Words) -> str:
    names = get_day_names(_DAYS[words.language], locale=_locale(words))
    if len(weekly.days) == len(names):
        days = words.text("every day")
    else:
        days = format_list([names[day] for day in sorted(weekly.days)], locale=_locale(words))
    next_day = weekly.end < weekly.start
    text = (
        words.text("%(days)s %(start)s to %(end)s the next morning")
        if next_day
        else words.text("%(days)s %(start)s to %(end)s")
    )
    return text % {"days": days, "start": _minute(weekly.start), "end": _minute(weekly.end)}


def _often(record: Record, words: Words) -> str:
    if record.kind is PassKind.DELIVERY:
        return words.text("One delivery: in again within the hour, and out")
    if record.uses == 1:
        return words.text("Once in and once out")
    if record.uses == UNLIMITED:
        return words.text("As often as needed")
    return words.text("%(number)d times in and out") % {"number": record.uses}


def _day(day: date, this_year: int, words: Words) -> str:
    skeleton = "MMMEd" if day.year == this_year else "yMMMEd"
    return format_skeleton(skeleton, datetime.combine(day, time()), locale=_locale(words))


def _minute(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _locale(words: Words) -> str:
    return _LOCALE[words.language]


def spaced(pin: str) -> str:
    """Return six digits in two groups, as people read them out."""
    return f"{pin[:3]} {pin[3:]}".strip()
