"""The guard's page of who is inside, on a real web process and a real stay ledger."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from edge import wire
from edge.clock import SystemClock
from edge.core.eyes import Encoded
from edge.core.office import Office
from edge.core.stay_desk import StayDesk
from edge.places import Places
from edge.store.store import Store
from models.errors import InputError
from models.stay import StayZone
from tests.fakes.car_stays import drive
from tests.fakes.store_words import NOW
from tests.fakes.web_browser import PlainBrowser
from tests.fakes.web_site import GUARD, PASSWORD, WebSite, served

YARD = StayZone("yard", frozenset({1}), spaces=3, loops=frozenset({1}))
PLATE, OTHER = "京A12345", "沪B67890"


class _Blind:
    """Eyes of a site whose guards enrol nobody."""

    def encode(
        self, photos: tuple[str | bytes, ...], crops: tuple[bytes, ...] = (), resident: str = ""
    ) -> Encoded:
        message = f"{len(photos) + len(crops)} pictures of {resident or 'somebody'}: no eyes here"
        raise InputError(message)

    def check(self, photo: bytes) -> None:
        """Refuse, as `encode` does."""
        self.encode((photo,))

    def refresh(self) -> None:
        """Do nothing."""


class _Peer:
    """Whoever asks; answers are returned, not told."""

    role = "web"

    def tell(self, message: wire.AnyMessage) -> None:
        raise AssertionError(message)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("s") / "state", NOW, ballast=0) as opened:
        opened.stays.keep([YARD])
        drive(opened, PLATE)
        drive(opened, OTHER)
        yield opened


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, store: Store) -> Iterator[WebSite]:
    folder: Path = tmp_path_factory.mktemp("w")
    desk = StayDesk(
        Office(
            clock=SystemClock(),
            store=store,
            keepers={},
            eyes=_Blind(),
            places=Places(folder),
            keys=dict,
            announce=lambda _seq: None,
            changed=lambda: None,
        )
    )

    def answered(kind: type, request: wire.AnyMessage) -> wire.AnyMessage:
        try:
            return desk.answers[kind](_Peer(), request)
        except InputError as error:
            return wire.Failed(getattr(request, "ref", 0), error.code, str(error))

    with served(folder) as site:
        site.admit(GUARD, "guard")
        site.core.also = {kind: partial(answered, kind) for kind in desk.answers}
        yield site


@pytest.fixture
def guard(site: WebSite) -> Iterator[PlainBrowser]:
    with PlainBrowser(site.url) as browser:
        browser.log_in(GUARD, PASSWORD)
        yield browser


def test_a_guard_sees_corrects_and_takes_the_table(store: Store, guard: PlainBrowser) -> None:
    assert 'href="/stays"' in guard.get("/").text
    page = guard.get("/stays").text
    assert all(word in page for word in ("场内 2 辆", "余位 1 / 3", PLATE, OTHER, "僵尸车 2"))
    assert PLATE in guard.get("/stays?days=30").text
    table = guard.get("/stays.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert "attachment" in table.headers["content-disposition"]
    assert (table.text.count("\r\n"), PLATE in table.text) == (3, True)

    gone = guard.post("/stays/gone", {"zone": "yard", "key": PLATE})
    assert gone.status_code in (200, 303)
    assert PLATE not in guard.get("/stays").text
    assert PLATE in guard.get("/stays.csv?past=90").text
    counted = guard.post("/stays/count", {"zone": "yard", "number": "3"})
    assert counted.status_code in (200, 303)
    assert "余位 0 / 3" in guard.get("/stays").text
    said = [(one.reason, one.who) for one in store.events(newest=True, limit=2)]
    assert said == [("stay_counted", GUARD), ("stay_seen_gone", GUARD)]


def test_what_cannot_be_is_refused_in_words(guard: PlainBrowser) -> None:
    unknown = guard.post("/stays/gone", {"zone": "yard", "key": "粤C00001"})
    assert (unknown.status_code, "台账中没有这条" in unknown.text) == (409, True)
    for path, form in (
        ("/stays/gone", {"zone": "<b>", "key": PLATE}),
        ("/stays/gone", {"zone": "yard", "key": "x" * 65}),
        ("/stays/count", {"zone": "yard", "number": "-1"}),
    ):
        assert guard.post(path, form).status_code == 400
    assert guard.get("/stays?days=0").status_code == 400
    assert guard.get("/stays.csv?past=91").status_code == 400
