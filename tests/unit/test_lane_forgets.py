"""A lane at work keeps nothing of those who have passed."""

import gc
from types import FunctionType, MethodType, ModuleType

import pytest

from edge.inbox import Seen
from edge.lane import LaneKeeper
from models.observation import FaceFault, FaceSeen
from tests.fakes.compound import Compound


def held(keeper: LaneKeeper) -> int:
    """Return how many objects a lane holds by itself, without the world that it shares."""
    world = keeper._world
    foreign = (world.clock, world.gather, world.ledger, world.relays, world.show, world.announce)
    seen = {id(one) for one in (world, *foreign)}
    found, todo = 0, [keeper.__dict__]
    while todo:
        for one in gc.get_referents(todo.pop()):
            if isinstance(one, type | ModuleType | FunctionType | MethodType) or id(one) in seen:
                continue
            seen.add(id(one))
            found += 1
            todo.append(one)
    return found


def strangers(site: Compound, first: int, last: int) -> None:
    """Let strangers look at lane 1, each a face of their own, and a guard open after each tenth."""
    for track in range(first, last):
        face = FaceSeen(site.at(1), None, FaceFault.UNKNOWN, 0.1, 0, track)
        site.keepers[1].inbox.put(Seen(face))
        site.settle(0.1)
        if track % 10 == 0:
            assert site.show(site.press(1)).answer == "opened"
    site.settle(20)


@pytest.mark.fault("F27")
def test_a_lane_holds_as_much_after_many_as_after_few() -> None:
    site = Compound()
    strangers(site, 0, 40)
    few = held(site.keepers[1])
    strangers(site, 40, 240)
    assert abs(held(site.keepers[1]) - few) < 20


@pytest.mark.fault("F27")
def test_a_lane_that_forgets_nobody_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Compound()
    everyone: list[object] = []

    def already(self: LaneKeeper, who: object, now: float) -> bool:
        del self, now
        everyone.append(who)
        return False

    monkeypatch.setattr(LaneKeeper, "_already", already)
    site.keepers[1].everyone = everyone  # type: ignore[attr-defined]
    strangers(site, 0, 40)
    few = held(site.keepers[1])
    strangers(site, 40, 240)
    assert held(site.keepers[1]) - few > 200
