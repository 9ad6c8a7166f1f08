"""A lock-down through the real core process: it stands over a restart; rows name the guard."""

import time
from pathlib import Path

import pytest

from edge import wire
from edge.channel import Client, Refused, connect
from models.event import Event, EventKind
from tests.fakes.mosquitto import needs_mosquitto
from tests.fakes.oracle import judge
from tests.fakes.running_site import wait_until
from tests.nemesis.evidence import history_of
from tests.nemesis.load import Told, press
from tests.nemesis.site import Site, nemesis_site

pytestmark = needs_mosquitto


class Desk:
    """A guard's line to core."""

    def __init__(self, site: Site) -> None:
        self.pushed: list[wire.AnyMessage] = []
        self._client = Client(connect(site.places.core_socket, "cli"), self.pushed.append)
        self._client.ask(wire.Watch(self._client.ref()), wire.Done)

    def close(self) -> None:
        self._client.close()

    def order(self, what: str, why: str = "有人翻越", age: float = 0.0) -> wire.Answered:
        pressed = time.monotonic() - age
        ask = wire.Stand(self._client.ref(), 1, what, "wang", pressed, why if what else "")
        return self._client.ask(ask, wire.Answered)

    def scan(self) -> str:
        ask = wire.Check(self._client.ref(), 1, "exit", "KH1:no pass", "wang")
        return self._client.ask(ask, wire.Answered).reason

    def press(self) -> Told:
        return press(self._client, 1)

    def rows(self) -> tuple[Event, ...]:
        ask = wire.Rows(self._client.ref(), limit=200, newest=True)
        return self._client.ask(ask, wire.RowsAre).rows

    def stands(self) -> wire.StandingLine | None:
        sites = [each for each in self.pushed if isinstance(each, wire.Site)]
        return sites[-1].lanes[0].standing if sites else None


def test_a_lock_down_stands_over_a_restart_until_a_guard_ends_it(tmp_path: Path) -> None:
    with nemesis_site(tmp_path, 1) as site:
        with site.core():
            desk = Desk(site)
            wait_until(lambda: desk.press().answer == "opened", 60, "a gate that answers")
            assert desk.order("lock_down", age=4.0).reason == "stale"
            with pytest.raises(Refused, match="reason"):
                desk.order("lock_down", why=" ")
            with pytest.raises(Refused, match="open_all"):
                desk.order("open_all")
            said = desk.order("lock_down")
            assert (said.answer, said.recorded) == ("ordered", True)
            assert desk.scan() == "locked_down"
            assert desk.press().answer == "opened", "a guard's hand opens"
            desk.close()
        with site.core():
            desk = Desk(site)
            wait_until(desk.stands, 60, "the state of the site")
            stands = desk.stands()
            assert stands is not None
            assert (stands.what, stands.guard, stands.why) == ("lock_down", "wang", "有人翻越")
            assert desk.scan() == "locked_down"
            assert desk.order("").answer == "order_ended"
            assert desk.scan() != "locked_down"
            rows = desk.rows()
            assert [row.seq for row in rows] == sorted(row.seq for row in rows)
            told = [(r.reason, r.who, r.note) for r in rows if r.kind is EventKind.ADMIN]
            assert told == [("lock_down", "wang", "有人翻越"), ("order_ended", "wang", None)]
            desk.close()
        assert judge(history_of(site)) == ()
