"""Who may see and decide what in a home: the one place that says so."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.absence import Absent
from central.resident.household import Household, Person
from central.resident.site import Site
from models.home import Home
from models.lane import Direction, LaneKind
from models.letter import LaneNow
from models.registry import ResidentKind

SITE = Site("跨湖嘉园", ZoneInfo("Asia/Shanghai"))
KINDS = st.sampled_from(ResidentKind)


def someone(number: int, kind: ResidentKind, guardian: str | None = None) -> Person:
    return Person(f"{number:016x}", f"人{number}", kind, guardian=guardian)


OWNER = someone(1, ResidentKind.OWNER)
FAMILY = someone(2, ResidentKind.FAMILY)
OWN_CHILD = someone(3, ResidentKind.FAMILY, OWNER.resident_id)
THEIR_CHILD = someone(4, ResidentKind.FAMILY, FAMILY.resident_id)
TENANT = someone(5, ResidentKind.TENANT)
CARER = someone(6, ResidentKind.STAFF)
EVERYONE = (OWNER, FAMILY, OWN_CHILD, THEIR_CHILD, TENANT, CARER)


def household(me: Person) -> Household:
    return Household("6b756168", Home(3, 1, 502), me, EVERYONE, SITE, "s")


def test_owner_and_family_are_one_household_with_the_asker_first() -> None:
    assert household(FAMILY).people == (FAMILY, OWNER, OWN_CHILD, THEIR_CHILD)
    assert household(FAMILY).neighbours == (TENANT, CARER)


def test_a_tenant_and_a_landlord_are_two_households() -> None:
    assert household(TENANT).people == (TENANT,)
    assert household(CARER).people == (CARER,)


@pytest.mark.parametrize("me", [OWNER, FAMILY, TENANT, CARER], ids=lambda one: one.kind)
@pytest.mark.parametrize("other", EVERYONE, ids=lambda one: one.resident_id[-1])
def test_whom_one_may_see_decide_for_and_read_the_history_of(me: Person, other: Person) -> None:
    home = household(me)
    together = other in home.people
    decides = together and other.guardian in {None, me.resident_id}
    reads = other == me or other.guardian == me.resident_id
    for ask, may in ((home.person, together), (home.subject, decides), (home.own, reads)):
        if may:
            assert ask(other.resident_id) == other
        else:
            with pytest.raises(Absent):
                ask(other.resident_id)


@given(st.text(max_size=20))
def test_any_other_id_is_absent(resident_id: str) -> None:
    home = household(OWNER)
    if resident_id in {one.resident_id for one in EVERYONE}:
        return
    for ask in (home.person, home.subject, home.own):
        with pytest.raises(Absent):
            ask(resident_id)


def test_only_the_guardian_has_the_child_for_a_ward() -> None:
    assert household(OWNER).wards == (OWN_CHILD,)
    assert household(FAMILY).wards == (THEIR_CHILD,)
    assert household(TENANT).wards == ()


def test_passes_of_another_household_of_the_home_are_not_seen_those_of_who_left_are() -> None:
    home = household(OWNER)
    assert home.sees_passes_of(FAMILY.resident_id)
    assert not home.sees_passes_of(TENANT.resident_id)
    assert home.sees_passes_of("f" * 16)


@given(KINDS)
def test_nobody_brings_in_somebody_of_more_rights(kind: ResidentKind) -> None:
    rights = (ResidentKind.STAFF, ResidentKind.TENANT, ResidentKind.FAMILY, ResidentKind.OWNER)
    may = household(replace(OWNER, kind=kind)).may_add()
    assert all(rights.index(each) <= rights.index(kind) for each in may)


BOTH = frozenset({Direction.ENTRY, Direction.EXIT})
LANES = (
    LaneNow(1, "东门", LaneKind.PEDESTRIAN, BOTH),
    LaneNow(2, "车行入口", LaneKind.VEHICLE, frozenset({Direction.ENTRY})),
    LaneNow(3, "车行出口", LaneKind.VEHICLE, frozenset({Direction.EXIT})),
    LaneNow(4, "车棚", LaneKind.SHED, BOTH),
)


def test_a_visitor_is_let_in_everywhere_but_at_the_bike_shed() -> None:
    site = replace(SITE, lanes=LANES)
    assert site.for_visitors(frozenset()) == {1, 2, 3}
    assert site.for_visitors(frozenset({4, 99})) == {1, 2, 3}


def test_whoever_may_come_in_somewhere_may_go_out_everywhere() -> None:
    site = replace(SITE, lanes=LANES)
    assert site.for_visitors(frozenset({1})) == {1, 3}


def test_every_lane_there_is_is_written_as_no_lane() -> None:
    site = replace(SITE, lanes=LANES[:3])
    assert site.for_visitors(frozenset()) == frozenset()
    assert replace(SITE, lanes=()).for_visitors(frozenset({1})) == frozenset()


def test_a_lane_is_called_by_its_name_or_its_number() -> None:
    site = replace(SITE, lanes=LANES)
    assert [site.lane_name(number) for number in (1, 4, 9, None)] == ["东门", "车棚", "9", ""]


def test_the_day_is_the_compounds_own() -> None:
    late = datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert SITE.today(late) == date(2026, 11, 22)
