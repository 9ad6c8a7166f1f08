"""The real store tells the real centre: every event once, in one unbroken chain."""

import threading
from pathlib import Path

import httpx

from edge.store.store import Store
from edge.sync.centre import Centre
from edge.sync.client import Ends, Uplink
from edge.sync.plan import Course
from edge.sync.road import Address, Road
from models.moment import Moment
from tests.fakes.centre_admission import Held
from tests.fakes.centre_edges import admit, token_of
from tests.fakes.centre_faults import CutAnswer, DropAnswer, Faults, Say, before
from tests.fakes.centre_server import running
from tests.fakes.store_site import opened, quick_folder, store_site
from tests.fakes.store_words import NOW


class StillClock:
    def now(self) -> Moment:
        return NOW


class Hasty(threading.Event):
    """Waits for nothing."""

    def wait(self, timeout: float | None = None) -> bool:
        del timeout
        return self.is_set()


def tell(store: Store, faults: Faults, turns: int = 40) -> Uplink:
    """Turn an uplink of the store until nothing waits, or so many times."""
    with Centre(
        Road(Address(faults.url, store.edge), lambda: 0.0), Held(token_of(store.edge))
    ) as centre:
        uplink = Uplink(Ends(store, centre, StillClock()), Hasty(), lambda: 0.5)
        course = Course()
        for _ in range(turns):
            if not store.backlog().waiting:
                break
            course = uplink.turn(course)
    return uplink


def test_every_row_of_the_journal_arrives_once_and_in_one_chain(tmp_path: Path) -> None:
    with (
        quick_folder() as folder,
        store_site("sqlite", folder) as site,
        running(f"sqlite:///{tmp_path}/centre.db") as url,
        before(url) as faults,
    ):
        for use in range(1, 16):
            opened(site.store, use)
        assert isinstance(site.store, Store)
        admit(f"sqlite:///{tmp_path}/centre.db", site.store.edge)
        faults.next.extend([DropAnswer(), Say(500), CutAnswer()])
        tell(site.store, faults)
        faults.refuse = lambda _body: Say(503)
        for use in range(16, 31):
            opened(site.store, use)
        away = tell(site.store, faults, turns=6)
        assert not away.state.connected
        assert away.state.waiting == 15
        # Put out of reach and started again in between: what waited still does.
        store = site.restart()
        assert isinstance(store, Store)
        faults.refuse = lambda _body: None
        back = tell(store, faults)
        assert back.state.connected
        assert store.backlog().waiting == 0
        assert store.backlog().quarantined == 0

        headers = {"Authorization": f"Bearer {token_of(store.edge)}"}
        with httpx.Client(base_url=url, headers=headers, trust_env=False) as http:
            query = {"edge": store.edge, "limit": "1000"}
            events = http.get("/v1/events", params=query).json()["events"]
            gaps = http.get("/v1/gaps", params={"edge": store.edge}).json()
        last = store.events(newest=True)[0].seq
        assert sorted(event["seq"] for event in events) == list(range(1, last + 1))
        assert last > 30
        (journal,) = gaps["journals"]
        assert journal["journal"] == store.journal
        assert (journal["count"], journal["missing"], journal["breaks"]) == (last, [], [])
        assert gaps["forks"] == gaps["quarantined"] == []
