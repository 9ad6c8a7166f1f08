"""One household's day in a real browser, with gate, centre and both phones' pages behind it."""

import io
import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from edge import wire
from edge.clock import SystemClock, monotonic
from edge.demo import compound, equipment
from edge.demo.director import Director
from edge.demo.lan import Front
from edge.demo.portrait import Who, picture_of
from edge.demo.story import OPENED, Prop, Step, refused, story
from edge.demo.witness import Witness, wait_for_core
from edge.demo.world import Inputs, World, pictures, running
from edge.store import copies
from edge.store.database import reading
from edge.store.faces import Faces
from edge.store.folder import Folder, load_keys
from models.decision import Reason
from models.lane import Direction
from tests.fakes.recording_road import RecordingRoad

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.timeout(600)

SHOTS = Path(__file__).parents[2] / "artefacts" / "screenshots"
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}
SOON = 60.0
# Keeps the JPEG that a page makes of a photo, to look for it where it may not be.
_KEEP_PHOTO = """
const make = HTMLCanvasElement.prototype.toBlob;
HTMLCanvasElement.prototype.toBlob = function (then, ...how) {
  return make.call(this, (blob) => {
    const reader = new FileReader();
    reader.onload = () => { window.made = reader.result; then(blob); };
    reader.readAsDataURL(blob);
  }, ...how);
};
"""
IN = Step("in", 2, Direction.ENTRY, "cam2-in", Prop.VISITOR, OPENED, 1)
OUT = replace(IN, name="out", direction=Direction.EXIT, camera="cam2-out")
AGAIN = replace(IN, name="again", expected=refused(Reason.USED), people=0)
REVOKED = replace(IN, name="revoked", expected=refused(Reason.REVOKED), people=0)
WALKS_IN = next(step for step in story() if step.name == "resident_face")
UNKNOWN = replace(WALKS_IN, name="unknown", expected=refused(Reason.UNKNOWN_FACE), people=0)


@dataclass(frozen=True)
class Words:
    """What is read on the pages in one language."""

    locale: str
    claimed: str
    consent: str
    accepted: str
    in_use: str
    made: str
    works: str
    away: str
    inside: str
    revoked: str
    used: str


WORDS = {
    "zh": Words(
        locale="zh-CN",
        claimed="3-1-502",
        consent="人脸",
        accepted="可以刷脸通行了",
        in_use="使用中",
        made="访客码已生成",
        works="现在可以通行",
        away="没有网络",
        inside="已放行",
        revoked="此码已被收回",
        used="已撤销",
    ),
    "en": Words(
        locale="en-GB",
        claimed="3-1-502",
        consent="face",
        accepted="the gate knows your face now",
        in_use="in use",
        made="The pass is made",
        works="This pass works now",
        away="No network",
        inside="let through",
        revoked="This pass has been taken back",
        used="revoked",
    ),
}


@pytest.fixture(scope="module")
def roads() -> Iterator[list[RecordingRoad]]:
    """The road to the centre, for the gate and for phones, which keeps what is sent on it."""
    made: list[RecordingRoad] = []
    direct = equipment.centre

    def behind(front: Front, database: Path) -> equipment.Piece:
        far = replace(front, port=equipment.free_port())
        made.append(RecordingRoad(front.port, far.port))
        return direct(far, database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(equipment, "centre", behind)
        yield made
    for road in made:
        road.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, roads: list[RecordingRoad]) -> Iterator[World]:
    """A running demo compound; what it says goes where the tests' own errors go."""
    assert roads == []
    stop = threading.Event()
    inputs = Inputs(tmp_path_factory.mktemp("h"), pictures(None, None), patience=60.0)
    with running(inputs, stop) as opened:
        yield opened
        stop.set()


class Day:
    """A resident's phone and a visitor's at the world's centre, in one language."""

    def __init__(self, world: World, visit: "Visit", language: str) -> None:
        self.world = world
        self.words = WORDS[language]
        self.language = language
        self.phone = visit(**PHONE, locale=self.words.locale)
        self.phone.context.add_init_script(_KEEP_PHOTO)
        self.visitor = visit(**PHONE, locale=self.words.locale)
        self.photo = b""
        self.sealed = ""
        self._looked: set[str] = set()
        self.resident = compound.resident_id(world.witness)
        self.face = f"{world.links.centre}/home/people/{self.resident}/face"

    def claim(self) -> None:
        """Take the home with a code that the desk makes."""
        made = self.world.witness.ask(lambda ref: wire.NewHomeClaim(ref, self.resident, "desk"))
        assert isinstance(made, wire.HomeClaimIs)
        # The code is a letter to the centre: a phone may be quicker.
        for _ in range(20):
            self.phone.goto(f"{self.world.links.centre}/home/claim#code={made.code}")
            expect(self.phone.locator("#code")).to_have_value(made.code)
            self.looks(self.phone, "claim")
            self.phone.locator("form[action='/home/claim'] button").click()
            self.phone.wait_for_load_state()
            if "/home/claim" not in self.phone.url:
                break
            self.phone.wait_for_timeout(500)
        expect(self.phone.get_by_text(self.words.claimed)).to_be_visible()
        self.looks(self.phone, "home")

    def give_face(self) -> None:
        """Read, agree, choose the photo, have the browser seal it, and see the gate's answer."""
        page = self.phone
        page.goto(self.face)
        expect(page.locator("main")).to_contain_text(self.words.consent)
        self.looks(page, "face-consent")
        page.locator("input[name='sure']").check()
        page.locator("form[action$='/agree'] button").click()
        # Nobody chooses a photo before the page shows the button.
        expect(page.locator("#photo-tools")).to_be_visible()
        page.locator("#photo-choose").set_input_files(picture_of(Who.RESIDENT))
        expect(page.locator("#photo-send")).to_be_visible()
        self.looks(page, "face-photo")
        with page.expect_request("**/photo") as sent:
            page.locator("#photo-send").click()
        said = sent.value.post_data_json
        assert said is not None
        self.photo = b64decode(page.evaluate("window.made").partition(",")[2])
        self.sealed = said["sealed"]
        expect(page.locator("[data-photo=accepted]")).to_contain_text(
            self.words.accepted, timeout=SOON * 1000
        )
        expect(page.locator("#way-state")).to_contain_text(self.words.in_use)
        self.looks(page, "face-accepted")

    def take_face_back(self) -> None:
        """Withdraw the face."""
        self.phone.goto(self.face)
        self.phone.locator("form[action$='/withdraw'] button").click()
        expect(self.phone.locator("form[action$='/agree']")).to_be_visible()
        self.looks(self.phone, "face-withdrawn")

    def make_pass(self, label: str) -> tuple[str, str]:
        """Make a pass for one visit; return its page at the host's, and the visitor's link."""
        page = self.phone
        page.goto(f"{self.world.links.centre}/home/passes/new?kind=single")
        page.locator("#label").fill(label)
        # Good across midnight, too.
        start = page.locator("#start").input_value()
        page.locator("#end").fill(f"{(int(start[:2]) + 2) % 24:02d}{start[2:]}")
        self.looks(page, "pass-form")
        page.locator("form[action='/home/passes/new'] button[type=submit]").click()
        expect(page.get_by_text(self.words.made)).to_be_visible()
        self.looks(page, "pass-made")
        return page.url.partition("?")[0], page.locator("#link").input_value()

    def open_offline(self, link: str) -> str:
        """Open the link, lose the network, load the page again; return the code that it shows."""
        page = self.visitor
        page.goto(link)
        expect(page.get_by_text(self.words.works)).to_be_visible()
        expect(page.locator("#kept")).to_be_visible()
        self.looks(page, "visitor")
        page.context.set_offline(offline=True)
        page.reload()
        expect(page.locator("#away")).to_contain_text(self.words.away)
        self.looks(page, "visitor-offline")
        return _shown(page)

    def revoke(self, host: str) -> None:
        """Take the pass back, as its visitor learns as well."""
        self.phone.goto(host)
        self.phone.locator("form[action$='/revoke'] button").click()
        expect(self.phone.locator("main")).to_contain_text(self.words.used)
        self.looks(self.phone, "pass-revoked")
        self.visitor.context.set_offline(offline=False)
        self.visitor.reload()
        expect(self.visitor.get_by_text(self.words.revoked)).to_be_visible()
        self.looks(self.visitor, "visitor-revoked")

    def play(self, step: Step, code: str = "") -> None:
        """Let it happen at the gate, as journal and relay must both tell."""
        result = self.world.director.play(step, {Prop.VISITOR: code})
        assert result.ok, result

    def looks(self, page: Page, name: str) -> None:
        """Hold the page to axe and to the phone's width, and keep a picture of it; once a day."""
        if name in self._looked:
            return
        self._looked.add(name)
        found = Axe().run(page).response["violations"]
        wrong = [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]
        assert wrong == [], f"{name}: {wrong}"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"day-{name}-{self.language}.png", full_page=True)


def test_a_households_day(
    world: World, visit: "Visit", roads: list[RecordingRoad], capfd: pytest.CaptureFixture[str]
) -> None:
    day = Day(world, visit, "zh")
    day.claim()
    day.give_face()
    day.play(WALKS_IN)
    said = capfd.readouterr()
    _is_nowhere_in_the_clear(day, roads[0], f"{said.out}{said.err}".encode())

    host, link = day.make_pass("王阿姨")
    code = day.open_offline(link)
    for step in (IN, OUT, AGAIN):
        day.play(step, code)
    day.phone.goto(host)
    uses = day.phone.locator("main .list .chip")
    _loaded_until(day.phone, uses.nth(2))
    assert sorted(uses.all_inner_texts()) == sorted([day.words.inside] * 2 + ["已使用"])
    expect(day.phone.locator("main .sheet .chip").first).to_have_text("已使用")
    day.looks(day.phone, "pass-used")

    host, link = day.make_pass("李师傅")
    day.visitor.context.set_offline(offline=False)
    code = day.open_offline(link)
    day.revoke(host)
    day.play(REVOKED, code)

    day.take_face_back()
    day.play(UNKNOWN)


def test_the_same_pages_in_english(world: World, visit: "Visit") -> None:
    day = Day(world, visit, "en")
    day.claim()
    day.give_face()
    host, link = day.make_pass("Auntie Wang")
    assert day.open_offline(link).startswith("KH1:")
    day.revoke(host)
    day.take_face_back()


@pytest.mark.long
def test_yesterdays_copies_bring_back_neither_face_nor_pass(world: World, visit: "Visit") -> None:
    day = Day(world, visit, "zh")
    day.claim()
    day.give_face()
    host, link = day.make_pass("赵阿姨")
    code = day.open_offline(link)
    day.play(WALKS_IN)
    folder = Folder(world.places.root)
    copies.make(folder, SystemClock().now().utc)
    day.revoke(host)
    day.play(REVOKED, code)
    day.take_face_back()
    day.play(UNKNOWN)
    with _put_back(world, folder) as later:
        for step in (UNKNOWN, REVOKED):
            result = later.play(step, {Prop.VISITOR: code})
            assert result.ok, result
    day.phone.goto(day.face)
    expect(day.phone.locator("form[action$='/agree']")).to_be_visible()


def test_the_search_finds_a_photo_that_is_not_sealed(
    world: World, visit: "Visit", roads: list[RecordingRoad]
) -> None:
    day = Day(world, visit, "zh")
    day.claim()
    day.phone.goto(day.face)
    planted = os.urandom(600)
    said = {"photo_id": os.urandom(16).hex(), "sealed": b64encode(b"\xff\xd8" + planted).decode()}
    day.phone.evaluate(
        """([path, said]) => fetch(path, { method: "POST", body: JSON.stringify(said) })""",
        [day.face.replace("/face", "/photo"), said | {"key_id": "0" * 16}],
    )
    assert _traces(planted, roads[0].sent()) == ["base64"]


def _is_nowhere_in_the_clear(day: Day, road: RecordingRoad, said: bytes) -> None:
    """Search for the photo and for what the gate made of it, while the gate knows the face.

    Searched are all bytes to the centre, from the gate and from phones, every file of gate and
    centre, and what both have `said` in their logs.
    """
    folder = Folder(day.world.places.root)
    engines = reading(folder.keyring), reading(folder.biometrics)
    try:
        known = Faces(*engines, load_keys(folder).device).opened()
    finally:
        for engine in engines:
            engine.dispose()
    (templates,) = known.values()
    assert len(day.photo) > 20_000
    secrets = [day.photo, day.photo[len(day.photo) // 2 :], *(one.vector for one in templates)]
    sent = road.sent()
    assert day.sealed.encode() in sent, "the road must have seen the sealed photo"
    assert b"/v1/letters" in sent, "and the gate's letters"
    places = {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()}
    assert {path.name for path in places} >= {"centre.db", "register.db", "biometrics.db"}
    assert any(folder.evidence in path.parents for path in places), "the gate kept a crop of a face"
    # The start of any JPEG, so that of a crop as well.
    assert not [path for path, content in places.items() if b"JFIF" in content]
    assert b"JFIF" not in sent
    for secret in secrets:
        assert _traces(secret, sent) == []
        assert _traces(secret, said) == []
        for path, content in places.items():
            assert _traces(secret, content) == [], path


def _traces(secret: bytes, content: bytes) -> list[str]:
    """Return the ways in which a part of a secret lies in the content."""
    part = secret[30:90]
    # In base64 a part looks in three ways, by where it begins.
    base64 = [b64encode(bytes(shift) + part)[4:-8] for shift in range(3)]
    ways = {"as it is": [part], "hex": [part.hex().encode()], "base64": base64}
    return [way for way, forms in ways.items() if any(form in content for form in forms)]


@contextmanager
def _put_back(world: World, folder: Folder) -> Iterator[Director]:
    """Let register and templates be damaged and put back from their newest copies by the product.

    Yields a director who knows nothing of the journal before.
    """
    copy = copies.newest_good(folder, folder.register)
    assert copy is not None
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as register:
        kept = register.execute("SELECT count(*) FROM resident WHERE face IS NOT NULL").fetchone()
    assert kept == (1,), "the copy must hold the face that was taken back later"
    before = _journal(world.witness)
    core = next(one for one in multiprocessing.active_children() if one.name.endswith("core"))
    assert core.pid is not None
    os.kill(core.pid, signal.SIGSTOP)
    for file in (folder.register, folder.biometrics):
        file.write_bytes(b"what a dying disk leaves" * 400)
        for beside in ("-wal", "-shm"):
            Path(f"{file}{beside}").unlink(missing_ok=True)
    os.kill(core.pid, signal.SIGKILL)
    core.join()
    stop = threading.Event()
    with closing(Witness(world.places.core_socket, monotonic)) as witness:
        wait_for_core(witness, SOON, stop)
        witness.wait_live(compound.DRAWN, SOON, stop)
        assert _journal(witness) != before, "core must have begun a new journal"
        yield Director(replace(world.director._set, journal=witness), stop)


def _journal(witness: Witness) -> str:
    answer = witness.ask(lambda ref: wire.Rows(ref, 0, 1, newest=True))
    assert isinstance(answer, wire.RowsAre)
    return answer.rows[0].journal


def _shown(page: Page) -> str:
    """Return what the code on the screen says."""
    picture = Image.open(io.BytesIO(page.locator("#code").screenshot()))
    (found,) = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
    return found.text


def _loaded_until(page: Page, there: Locator) -> None:
    """Load the page again and again until something is there."""
    end = time.monotonic() + SOON
    while not there.count() and time.monotonic() < end:
        page.wait_for_timeout(300)
        page.reload()
    expect(there).to_be_visible()
