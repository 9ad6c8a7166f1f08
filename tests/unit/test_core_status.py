from datetime import timedelta
from threading import Thread

from edge.ailment import Ailment, Trouble
from edge.core.eyes import Eyes
from edge.core.lately import SHOWN_FOR
from edge.core.status import Sources, Status
from edge.core.way import WayUp
from models.template import Gallery
from tests.fakes.compound import Compound


def status(site: Compound, troubles: list[Trouble], waiting: list[int]) -> Status:
    return Status(
        Sources(
            name="小区",
            timezone="Asia/Shanghai",
            keepers=site.keepers,
            shapes=site.shapes,
            eyes=Eyes(lambda: Gallery(0, ()), site.clock),
            broker=lambda: "",
            relay=lambda _relay: "",
            store=lambda: tuple(troubles),
            centre=lambda: WayUp("away", waiting[0], 0, "no answer"),
            claimed=lambda: True,
            notices=lambda: ("own_issuer",),
        )
    )


def test_a_trouble_keeps_its_beginning_while_its_numbers_change() -> None:
    site, waiting = Compound(), [17]
    of = status(site, [], waiting)
    first = {one.part: one for one in of.site(site.clocks.now()).faults}
    waiting[0] = 23
    site.settle(5)
    later = {one.part: one for one in of.site(site.clocks.now()).faults}
    assert "23 events" in later["centre"].text
    assert later["centre"].since == first["centre"].since


def test_a_trouble_that_came_back_begins_anew() -> None:
    site = Compound()
    troubles: list[Trouble] = [
        Trouble(Ailment.DISK_FULL, "disk", "the disk is full", "fit a larger one")
    ]
    of = status(site, troubles, [0])
    first = next(one.since for one in of.site(site.clocks.now()).faults if one.part == "disk")
    gone, troubles[:] = troubles[:], []
    site.settle(1)
    assert all(one.part != "disk" for one in of.site(site.clocks.now()).faults)
    troubles[:] = gone
    again = next(one.since for one in of.site(site.clocks.now()).faults if one.part == "disk")
    assert again != first


def test_an_overflow_is_shown_for_a_minute() -> None:
    site = Compound()
    of = status(site, [], [0])
    site.keepers[1].inbox.overflowed = 3

    def shown(after: float) -> bool:
        now = site.clocks.now()
        moment = type(now)(now.utc + timedelta(seconds=after), now.mono + after)
        return any("could be answered" in one.text for one in of.site(moment).faults)

    assert shown(0)
    assert shown(SHOWN_FOR - 1)
    assert not shown(SHOWN_FOR + 1)


def test_many_may_ask_at_once() -> None:
    site, waiting, wrong = Compound(), [0], []
    of = status(site, [], waiting)

    def ask(number: int) -> None:
        try:
            for turn in range(300):
                waiting[0] = number * turn
                of.site(site.clocks.now())
        except KeyError as error:
            wrong.append(error)

    threads = [Thread(target=ask, args=(number,)) for number in (1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
