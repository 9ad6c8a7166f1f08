"""The edge's desks and both ways against the real centre; what may not leave the edge does not."""

import base64
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from central.app import create
from central.database import open_database, reading, writing
from central.feed import tell
from central.register_tables import NOT_APPLIED, PASS_USES, PHOTO_ANSWERS, RESIDENTS, SITES
from central.settings import Settings
from central.tables import CENTRE, COMPOUNDS, EDGES, FEED
from edge.clock import monotonic
from edge.core.eyes import PhotoUnfit
from edge.core.letterbox import MOST_BYTES
from edge.store.exchange import Exchange
from edge.store.words import Backlog
from edge.sync.downlink import DownEnds, Downlink
from edge.sync.feed import Feed
from edge.sync.road import Address, Road
from edge.sync.session import Identity, Session, claim
from models.errors import RecogniserFault
from models.feed import FaceWithdrawn, PassKey, Revoked, SealedPhoto, Told
from models.lane import Direction, LaneKind
from models.letter import Exported, LaneNow, PassUsed, SiteNow
from models.moment import Moment
from models.registry import Consent
from tests.fakes.asgi_client import AsgiClient
from tests.fakes.centre_edge import START, TEMPLATE, CentreEdge, sealed
from tests.fakes.centre_edges import COMPOUND, admit, code_for
from tests.fakes.centre_faults import CutAnswer, DropAnswer, Say, before
from tests.fakes.centre_model import Asked
from tests.fakes.centre_roads import ROADS
from tests.fakes.centre_server import running
from tests.fakes.store_site import quick_folder
from tests.fuzz.sync_world import Hasty

GIVEN = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
MARKER = b"PLANTED-IN-A-FACE-PHOTO-0123456789"
PHOTO = b"\xff\xd8\xff\xe0" + MARKER * 200 + b"\xff\xd9"


class TwoWays:
    """One real centre on SQLite, in this process, and one edge that has claimed there."""

    def __init__(self, folder: Path, up: ExitStack) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/centre.db"
        self.http = up.enter_context(AsgiClient(create(Settings(self.url))))
        self.engine: Engine = open_database(self.url)
        up.callback(self.engine.dispose)
        self.edge = CentreEdge(folder / "state", ask=self.answer, compound=COMPOUND)
        up.callback(self.edge.close)
        keys = self.edge.store._parts.keys
        identity = Identity(keys.edge, keys.public.hex(), COMPOUND)
        with self.edge._road() as road:
            assert claim(road, code_for(self.url), identity) is None

    def answer(self, asked: Asked) -> tuple[int, bytes]:
        headers = [("Content-Type", "application/json")]
        if asked.token:
            headers.append(("Authorization", f"Bearer {asked.token}"))
        said = self.http.ask(asked.method, asked.target, headers, asked.body)
        return said.status_code, said.content

    def tell(self, told: Told) -> int:
        with writing(self.engine) as connection:
            return tell(connection, COMPOUND, told)

    def rows(self, table: Any) -> list[Any]:  # noqa: ANN401 - whatever is in it
        with reading(self.engine) as connection:
            return list(connection.execute(select(table)).all())

    def tell_site(self) -> None:
        key = self.edge.photo_keys.current(self.edge.now)
        lanes = (LaneNow(1, "东门", LaneKind.PEDESTRIAN, frozenset(Direction)),)
        site = SiteNow("跨湖嘉园", "Asia/Shanghai", lanes, key.point, key.key_id)
        self.edge.store.exchange.say_site(site)

    def seal(self, who: str, photo_id: str = "f" * 32) -> SealedPhoto:
        """Return a photo as the phone seals it, to the key that the centre shows."""
        (site,) = self.rows(SITES)
        box = sealed(site.photo_key, PHOTO, photo_id, who, COMPOUND)
        given = Consent("face-1", GIVEN, "phone", who)
        return SealedPhoto(photo_id, who, site.photo_key_id, box, who, given)


@pytest.fixture
def two() -> Iterator[TwoWays]:
    with quick_folder() as folder, ExitStack() as up:
        yield TwoWays(folder, up)


def test_a_claimed_edge_tells_its_register_and_hears_its_feed(two: TwoWays) -> None:
    person = two.edge.somebody()
    two.edge.live()
    two.tell_site()
    two.edge.live()
    (row,) = two.rows(RESIDENTS)
    assert (row.resident, row.name, row.home) == (person.resident_id, person.name, "3-1-502")
    (site,) = two.rows(SITES)
    assert site.name == "跨湖嘉园"
    number = two.tell(Revoked("5" * 32))
    odd = two.tell(PassKey(300, None))
    two.edge.live()
    assert two.edge.store.pass_state("5" * 32).revoked
    (refused,) = two.rows(NOT_APPLIED)
    assert (refused.number, refused.why) == (odd, "kid")
    two.edge.hear(1)
    (known,) = two.rows(EDGES)
    assert known.proof == odd > number


@pytest.mark.fault("F14")
def test_a_use_and_a_long_export_arrive_once_through_bad_roads(two: TwoWays) -> None:
    two.edge.live()
    exchange = two.edge.store.exchange
    exchange.say(PassUsed("5" * 32, 1, Direction.ENTRY, two.edge.now.utc, True, "visitor"))
    document = "x" * 500_000
    for number in range(3):
        exchange.say(Exported(f"r{number}", "a" * 16, document))
    for name in ("lost", "cut", "500", "page", "away", "401", "twice", "nothing safe"):
        two.edge.faults.append(ROADS[name])
        two.edge.speak(6)
    two.edge.live()
    assert len(two.rows(PASS_USES)) == 1
    assert exchange.letter_backlog() == Backlog(0, 0, None)
    assert max(map(len, two.edge.captured)) < MOST_BYTES + 200_000


def test_planted_bytes_of_a_photo_are_nowhere_in_the_clear(
    two: TwoWays, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    who = two.edge.somebody().resident_id
    two.edge.live()
    two.tell_site()
    two.edge.live()
    two.tell(two.seal(who))
    two.edge.live()
    assert two.edge.eyes.seen == [PHOTO], "the edge has opened just what the phone sealed"
    (answer,) = two.rows(PHOTO_ANSWERS)
    assert answer.answer == "accepted"
    (row,) = two.rows(RESIDENTS)
    assert row.face
    assert {one.kind for one in two.rows(FEED)} == set(), "the sealed photo is gone there"
    assert {row[0] for row in two.edge.store.gallery(date(2026, 11, 22)).rows} == {who}
    planted = (MARKER, base64.b64encode(MARKER * 3)[4:-8], TEMPLATE.vector, MARKER.hex().encode())
    two.edge.close()
    files = [path for path in two.folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"centre.db", "register.db", "biometrics.db"}
    try:
        for one in planted:
            for path in files:
                assert one not in path.read_bytes(), f"{path.name} holds it in the clear"
            assert not any(one in sent for sent in two.edge.captured), "it went to the centre"
            assert one.decode("latin-1") not in caplog.text
    finally:
        two.edge.open()


def test_the_search_finds_what_lies_in_the_clear(two: TwoWays) -> None:
    """The searched places are those that are written: a sealed box left there would be found."""
    who = two.edge.somebody().resident_id
    two.edge.live()
    two.tell_site()
    two.edge.live()
    photo = two.seal(who)
    two.tell(photo)
    two.edge.hear()
    box = photo.sealed[40:90].encode()
    two.edge.close()
    files = [path for path in two.folder.rglob("*") if path.is_file()]
    found = {path.name for path in files if box in path.read_bytes()}
    assert any("centre.db" in name for name in found)
    assert any("register.db" in name for name in found)
    two.edge.open()


def test_an_answer_that_was_late_takes_the_place_of_the_patient_one(two: TwoWays) -> None:
    who = two.edge.somebody().resident_id
    two.edge.live()
    two.tell_site()
    two.edge.live()
    two.edge.eyes.instead.extend([RecogniserFault("gone"), PhotoUnfit("no", "too_dark")])
    two.tell(two.seal(who))
    two.edge.live(1)
    assert [one.answer for one in two.rows(PHOTO_ANSWERS)] == ["try_later"]
    two.edge.live()
    assert [one.answer for one in two.rows(PHOTO_ANSWERS)] == ["too_dark"]


@pytest.mark.fault("F16")
def test_another_database_of_the_centre_is_followed_from_its_start(two: TwoWays) -> None:
    who = two.edge.somebody().resident_id
    two.tell(Revoked("5" * 32))
    two.edge.live()
    with writing(two.engine) as connection:
        connection.execute(update(CENTRE).values(epoch="e" * 32))
        connection.execute(update(COMPOUNDS).values(number=0))
        for table in (FEED, RESIDENTS):
            connection.execute(table.delete())
    two.tell(FaceWithdrawn(who, who))
    two.edge.live(5)
    assert two.edge.store.exchange.position().epoch == "e" * 32
    assert two.edge.store.pass_state("5" * 32).revoked
    assert [row.resident for row in two.rows(RESIDENTS)] == [who], "told anew"


@pytest.mark.fault("F16")
def test_a_centre_put_back_from_a_copy_is_behind_and_hears_it_all_again(two: TwoWays) -> None:
    two.edge.somebody()
    two.tell(Revoked("5" * 32))
    two.edge.live()
    copy = two.folder / "copy.db"
    with (
        closing(sqlite3.connect(two.folder / "centre.db")) as raw,
        closing(sqlite3.connect(copy)) as kept,
    ):
        raw.backup(kept)
    later = two.edge.somebody("Li")
    newest = two.tell(Revoked("6" * 32))
    two.edge.live()
    with (
        closing(sqlite3.connect(copy)) as kept,
        closing(sqlite3.connect(two.folder / "centre.db")) as raw,
    ):
        kept.backup(raw)
    two.edge.live(5)
    assert two.edge.store.exchange.position().behind
    assert two.edge.store.pass_state("6" * 32).revoked
    assert later.resident_id in {row.resident for row in two.rows(RESIDENTS)}
    assert two.tell(Revoked("7" * 32)) > newest
    two.edge.live()
    assert two.edge.store.pass_state("7" * 32).revoked


def test_a_code_for_a_home_reaches_the_centre_as_a_digest(two: TwoWays) -> None:
    who = two.edge.somebody().resident_id
    two.edge.live()
    exchange: Exchange = two.edge.store.exchange
    code = exchange.new_home_claim(who, two.edge.now)
    two.edge.live()
    content = (two.folder / "centre.db").read_bytes()
    assert code.encode() not in content
    assert not any(code.encode() in sent for sent in two.edge.captured)
    assert exchange.letter_backlog().waiting == 0


@pytest.mark.fault("F13", "F14")
def test_the_feed_arrives_once_through_a_proxy_that_fails(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/centre.db"
    edge = CentreEdge(tmp_path / "state", compound=COMPOUND)
    keys, store = edge.store._parts.keys, edge.store
    dealt: list[str] = []
    with ExitStack() as up:
        up.callback(edge.close)
        url = up.enter_context(running(database))
        faults = up.enter_context(before(url))
        admit(database, keys.edge, public=keys.public)
        engine = open_database(database)
        up.callback(engine.dispose)
        with writing(engine) as connection:
            for name in "567":
                tell(connection, COMPOUND, Revoked(name * 32))
        road = up.enter_context(Road(Address(faults.url, keys.edge), monotonic))

        def deal(_more: bool) -> None:
            for row in store.exchange.waiting():
                dealt.append(f"{row.number}")
                store.exchange.done(row)

        ends = DownEnds(store.exchange, Feed(road, Session(keys.edge, keys.sign)), deal, Still())
        link = Downlink(ends, Hasty(), lambda: 0.5, wait=0.0)
        link.turn()
        assert len(dealt) == 3
        with writing(engine) as connection:
            tell(connection, COMPOUND, Revoked("8" * 32))
        faults.next.extend(
            [DropAnswer(), CutAnswer(), Say(429, headers={"Retry-After": "9"}), Say(500), Say(204)]
        )
        for _ in range(5):
            link.turn()
            assert link.state.complaint
        assert len(dealt) == 3
        link.turn()
        assert (len(dealt), link.state.complaint) == (4, None)
        with reading(engine) as connection:
            newest = connection.execute(select(COMPOUNDS.c.number)).scalar_one()
            proof = connection.execute(select(EDGES.c.proof)).scalar_one()
        assert proof < newest, "nothing is acknowledged before it is asked for more"
        link.turn()
        with reading(engine) as connection:
            assert connection.execute(select(EDGES.c.proof)).scalar_one() == newest


class Still:
    def now(self) -> Moment:
        return START
