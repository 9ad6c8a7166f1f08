"""The form of a pass, by the compound's own clock; days and times as they are read."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.languages import Language
from central.passes.order import MOST_USES, Rule, Unfit, checked
from central.resident.order_form import OFFERED, NewPass, blank, kind_of, order_of
from central.resident.site import Site
from central.resident.times import Clock
from models.visit import PassKind, Weekly

ZONE = ZoneInfo("Asia/Shanghai")
SITE = Site("跨湖嘉园", ZONE)
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
TEXTS = st.one_of(st.text(max_size=12), st.sampled_from(["2026-11-22", "23:59", "0", "7", "-1"]))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize("kind", OFFERED)
def test_what_an_empty_form_shows_is_a_pass_that_can_be_made(kind: PassKind) -> None:
    usual = blank(kind, SITE, NOW)
    form = NewPass(
        kind=kind.value,
        label="王阿姨",
        day=usual.day,
        last=usual.last,
        start=usual.start,
        end=usual.end,
        uses=usual.uses,
        days=["0"],
    )
    order = checked(order_of(form, kind, SITE, NOW), NOW)
    assert order.kind is kind
    assert order.not_before <= NOW < order.expires


def test_a_single_visit_is_told_by_the_compounds_clock() -> None:
    form = NewPass(label="王阿姨", day="2026-11-23", start="14:00", end="18:30")
    order = order_of(form, PassKind.SINGLE, SITE, NOW)
    assert (order.not_before, order.expires) == (at(23, 14), at(23, 18, 30))
    assert order.uses == 1


def test_a_single_visit_may_last_past_midnight() -> None:
    form = NewPass(label="王阿姨", day="2026-11-23", start="20:00", end="01:00")
    order = order_of(form, PassKind.SINGLE, SITE, NOW)
    assert order.expires == at(24, 1)


def test_a_window_is_of_whole_days() -> None:
    form = NewPass(label="装修", day="2026-11-23", last="2026-11-25", uses="12")
    order = order_of(form, PassKind.WINDOW, SITE, NOW)
    assert (order.not_before, order.expires, order.uses) == (at(23, 0), at(26, 0), 12)


def test_a_delivery_is_awaited_from_now_and_the_phones_clock_is_not_asked() -> None:
    form = NewPass(label="送菜", hours="4", day="1999-01-01", start="99:99")
    order = order_of(form, PassKind.DELIVERY, SITE, NOW)
    assert (order.not_before, order.expires) == (NOW, NOW + timedelta(hours=4))
    odd = order_of(NewPass(label="送菜", hours="4000"), PassKind.DELIVERY, SITE, NOW)
    assert odd.expires == NOW + timedelta(hours=2)


def test_a_recurring_pass_has_its_days_and_moves() -> None:
    form = NewPass(
        label="保洁",
        day="2026-11-23",
        last="2027-03-31",
        start="09:00",
        end="00:00",
        days=["0", "4"],
        uses="3",
    )
    order = checked(order_of(form, PassKind.RECURRING, SITE, NOW), NOW)
    assert order.weekly == Weekly(frozenset({0, 4}), 540, 1440)
    assert order.rotating
    assert order.uses == MOST_USES[PassKind.RECURRING]


@pytest.mark.parametrize(
    ("kind", "changes", "rule"),
    [
        (PassKind.SINGLE, {"day": ""}, Rule.START),
        (PassKind.SINGLE, {"day": "9999-12-31"}, Rule.START),
        (PassKind.SINGLE, {"start": "25:00"}, Rule.START),
        (PassKind.WINDOW, {"uses": "many"}, Rule.USES),
        (PassKind.WINDOW, {"uses": "\u0663"}, Rule.USES),
        (PassKind.RECURRING, {"days": []}, Rule.WEEKLY),
        (PassKind.RECURRING, {"days": ["7"]}, Rule.WEEKLY),
        (PassKind.RECURRING, {"start": "10:00", "end": "10:00"}, Rule.WEEKLY),
        (PassKind.SINGLE, {"lanes": ["x"]}, Rule.LANES),
    ],
)
def test_what_is_no_order_names_its_rule(
    kind: PassKind, changes: dict[str, object], rule: Rule
) -> None:
    plain = {
        "label": "王阿姨",
        "day": "2026-11-23",
        "last": "2026-11-25",
        "start": "09:00",
        "end": "18:00",
        "uses": "3",
        "days": ["0"],
    }
    with pytest.raises(Unfit) as refused:
        order_of(NewPass.model_validate({**plain, **changes}), kind, SITE, NOW)
    assert refused.value.rule is rule


@given(
    kind=st.sampled_from(OFFERED),
    texts=st.tuples(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS),
    days=st.lists(TEXTS, max_size=7),
)
def test_every_form_is_an_order_or_breaks_a_rule(
    kind: PassKind, texts: tuple[str, ...], days: list[str]
) -> None:
    day, last, start, end, uses, plate, hours = texts
    form = NewPass(
        label="x",
        day=day,
        last=last,
        start=start[:10],
        end=end[:10],
        uses=uses[:6],
        plate=plate,
        hours=hours[:4],
        days=days,
    )
    try:
        order = checked(order_of(form, kind, SITE, NOW), NOW)
    except Unfit:
        return
    assert order.not_before < order.expires


def test_paper_is_not_ordered_from_a_phone() -> None:
    assert kind_of("printed") is None
    assert kind_of("none") is None


ZH, EN = Clock(Language.ZH, ZONE, NOW), Clock(Language.EN, ZONE, NOW)


@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        (date(2026, 11, 22), "今天", "today"),
        (date(2026, 11, 23), "明天", "tomorrow"),
        (date(2026, 11, 21), "昨天", "yesterday"),
        (date(2026, 11, 28), "11月28日周六", "Sat 28 Nov"),
        (date(2027, 3, 1), "2027年3月1日", "1 Mar 2027"),
    ],
)
def test_days_are_named_as_people_do(day: date, zh: str, en: str) -> None:
    assert (ZH.day(day), EN.day(day)) == (zh, en)


def test_spans_are_told_without_midnight() -> None:
    dash = " \N{EN DASH} "
    assert ZH.span(at(22, 0), at(23, 0)) == "今天"
    assert ZH.span(at(22, 0), at(24, 0)) == f"今天{dash}明天"
    assert ZH.span(at(22, 10), at(22, 18, 30)) == f"今天 10:00{dash}18:30"
    assert ZH.span(at(22, 10), at(23, 0)) == f"今天 10:00{dash}24:00"
    assert ZH.span(at(22, 20), at(23, 1)) == f"今天 20:00{dash}明天 01:00"
