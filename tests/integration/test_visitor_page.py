"""A pass's page over HTTP: by its link alone, in plain words, with a code that gates read."""

import io
import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageDraw
from sqlalchemy import Engine, insert

from central.attempts import ADDRESS
from central.database import reading, writing
from central.front import front
from central.moments import microseconds
from central.passes.making import MadePass, make_pass, revoke_pass
from central.passes.order import Order
from central.passes.record import find_pass
from central.passes.ring import FIRST_KID, Ring, keys_of
from central.passes.token import code_of
from central.register_tables import PASS_USES
from gate.passes import PublicKey, read
from gate.rotation import Rotation
from models.moment import Moment
from models.visit import UNLIMITED, Claims, PassKind
from tests.fakes.asgi_client import AsgiClient
from tests.fakes.centre_home import OWNER, START, claim_of, home_centre
from tests.fakes.centre_passes import AFTERNOONS, COMPOUND, HOME, HOST, NOW, SECRET, centre, order
from tests.fakes.phone_browser import PhoneBrowser

HOUR = timedelta(hours=1)
CHINESE = ("accept-language", "zh-CN,zh;q=0.9")
ENGLISH = ("accept-language", "en-GB,en;q=0.9")


class Centre:
    """A centre whose clock stands where the test puts it, and its pages."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now = NOW
        self.client = AsgiClient(front(engine, "", lambda: self.now, SECRET))
        self._number = 1

    def make(self, wanted: Order) -> MadePass:
        with writing(self.engine) as connection:
            return make_pass(connection, SECRET, HOST, wanted, self.now)

    def use(self, made: MadePass, direction: str, at: datetime) -> None:
        """Let a gate have told of an opening."""
        self._number += 1
        with writing(self.engine) as connection:
            connection.execute(
                insert(PASS_USES),
                {
                    "edge": "e" * 32,
                    "number": self._number,
                    "compound": COMPOUND,
                    "pass_id": made.pass_id,
                    "lane": 1,
                    "direction": direction,
                    "at": microseconds(at),
                    "opened": True,
                    "reason": "visitor",
                    "double": False,
                },
            )

    def get(self, path: str, *headers: tuple[str, str]) -> httpx.Response:
        return self.client.ask("GET", path, headers or (CHINESE,))

    def standing(self, made: MadePass) -> str:
        said: str = self.get(f"{made.link}/state").json()["standing"]
        shown = re.search(r'data-server="(\w+)"', self.get(made.link).text)
        assert shown
        assert shown[1] == said
        return said


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    engine = centre(f"sqlite:///{tmp_path_factory.mktemp('visitor')}/centre.db")
    made = Centre(engine)
    with made.client:
        yield made
    engine.dispose()


@pytest.fixture
def site(shared: Centre) -> Iterator[Centre]:
    """Return the centre at its usual time, with no pass."""
    shared.now = NOW
    yield shared
    with writing(shared.engine) as connection:
        for table in ("passes", "pass_uses", "attempts"):
            connection.exec_driver_sql(f"DELETE FROM {table}")


def _text_of_page(html: str) -> str:
    """Return what the code on a page reads, drawn as a phone draws it."""
    drawn = re.search(r'id="code".*?viewBox="(-?\d+) -?\d+ (\d+) .*?<path d="([^"]+)"', html)
    assert drawn
    quiet, side = -int(drawn[1]), int(drawn[2])
    sheet = Image.new("L", (side * 6, side * 6), 255)
    draw = ImageDraw.Draw(sheet)
    for x, y, wide in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawn[3]):
        at = ((int(x) + quiet) * 6, (int(y) + quiet) * 6)
        draw.rectangle((*at, at[0] + int(wide) * 6 - 1, at[1] + 5), fill=0)
    return _read_code(sheet)


def _read_code(picture: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(
        picture, formats=zxingcpp.BarcodeFormat.QRCode, text_mode=zxingcpp.TextMode.Plain
    )
    return found.text


def test_the_page_says_what_where_and_when_in_chinese(site: Centre) -> None:
    made = site.make(order(lanes=frozenset({1})))
    page = site.get(made.link)
    assert page.status_code == 200
    assert 'lang="zh-CN"' in page.text
    for said in ("送沙发", "跨湖花园", "东门人行", "11月21日周六 16:00 至 22:00", "现在可以通行"):
        assert said in page.text
    assert f"{made.pin[:3]} {made.pin[3:]}" in page.text


def test_the_page_speaks_english_to_who_asks_for_it(site: Centre) -> None:
    made = site.make(order(PassKind.DELIVERY))
    page = site.get(made.link, ENGLISH)
    assert 'lang="en"' in page.text
    for said in ("Every way in", "Sat 21 Nov, 16:00 to 22:00", "In again within the hour".lower()):
        assert said in page.text
    answer = site.get(f"{made.link}/language/zh", ENGLISH)
    assert (answer.status_code, answer.headers["location"]) == (303, made.link)
    assert "kuahu-language=zh" in answer.headers["set-cookie"]


def test_nothing_on_the_page_says_who_lives_where(site: Centre) -> None:
    made = site.make(order())
    page = site.get(made.link)
    said = page.text + str(page.headers) + site.get(f"{made.link}/state").text
    for secret in (str(HOME), HOST.resident_id, COMPOUND, made.pass_id, SECRET.raw.hex()):
        assert secret not in said


def test_a_recurring_pass_says_its_week(site: Centre) -> None:
    made = site.make(order(PassKind.RECURRING, uses=UNLIMITED))
    assert (
        "每周一、周三和周六 14:00 至 18:00，11月21日周六 至 2027年6月9日周三"
        in site.get(made.link).text
    )
    english = site.get(made.link, ENGLISH).text
    assert "Monday, Wednesday and Saturday 14:00 to 18:00, from Sat 21 Nov to" in english
    assert "As often as needed" in english


def test_the_visitors_own_car_is_named(site: Centre) -> None:
    made = site.make(order(plate="浙A12345"))
    assert "<dd>浙A12345</dd>" in site.get(made.link).text
    assert "<dt>车牌</dt>" not in site.get(site.make(order()).link).text


def test_a_still_code_opens_the_gate(site: Centre) -> None:
    made = site.make(order())
    text = _text_of_page(site.get(made.link).text)
    with reading(site.engine) as connection:
        record = find_pass(connection, COMPOUND, HOME, made.pass_id)
    assert record is not None
    keys = keys_of(SECRET, Ring(COMPOUND, record.kid, 0))
    assert read(text, {record.kid: keys.private.public_key()}) == record.claims


def test_a_rotating_code_is_that_of_the_moment_and_the_page_can_go_on_alone(site: Centre) -> None:
    made = site.make(order(PassKind.RECURRING))
    page = site.get(made.link).text
    text = _text_of_page(page)
    with reading(site.engine) as connection:
        record = find_pass(connection, COMPOUND, HOME, made.pass_id)
    assert record is not None
    keys = keys_of(SECRET, Ring(COMPOUND, record.kid, 0))
    rotation = Rotation(keys.rotation, Moment(NOW, 0.0))
    assert read(text, {record.kid: keys.private.public_key()}, rotation) == record.claims
    code = code_of(SECRET, record, 0)
    assert code.inner is not None
    assert f'data-inner="{code.inner.hex()}"' in page
    assert f'data-untagged="{code.text}"' in page
    assert keys.rotation.hex() not in page
    # Where no script runs the page comes again before the code is stale.
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page


def test_a_single_pass_from_beginning_to_end(site: Centre) -> None:
    made = site.make(order(not_before=NOW + HOUR))
    assert site.standing(made) == "not_yet"
    site.now = NOW + HOUR
    assert site.standing(made) == "works"
    site.use(made, "entry", NOW + HOUR)
    assert site.standing(made) == "inside"
    site.now = NOW + 9 * HOUR
    assert site.standing(made) == "inside"
    site.use(made, "exit", site.now)
    assert site.standing(made) == "over"
    assert 'id="code"' not in site.get(made.link).text
    site.now = NOW + 2 * HOUR
    assert site.standing(made) == "used"


def test_a_delivery_comes_in_again_within_the_hour(site: Centre) -> None:
    made = site.make(order(PassKind.DELIVERY))
    site.use(made, "entry", NOW)
    site.use(made, "exit", NOW + HOUR / 6)
    site.now = NOW + HOUR
    assert site.standing(made) == "works"
    site.now = NOW + HOUR + timedelta(seconds=1)
    assert site.standing(made) == "used"


def test_a_recurring_pass_outside_its_hours(site: Centre) -> None:
    made = site.make(order(PassKind.RECURRING, weekly=AFTERNOONS))
    assert site.standing(made) == "works"
    site.now = NOW + 2 * HOUR
    assert site.standing(made) == "not_now"
    site.now = NOW + timedelta(days=1)
    assert site.standing(made) == "not_now"


def test_what_is_taken_back_shows_no_code_and_no_number(site: Centre) -> None:
    made = site.make(order())
    with writing(site.engine) as connection:
        revoke_pass(connection, COMPOUND, HOME, made.pass_id, NOW)
    page = site.get(made.link)
    assert site.standing(made) == "revoked"
    assert page.status_code == 200
    assert 'id="code"' not in page.text
    assert made.pin not in page.text.replace(" ", "")
    for path in ("pass.png", "sheet.pdf"):
        assert site.get(f"{made.link}/{path}").status_code == 404


def test_the_picture_holds_the_code_and_is_a_picture(site: Centre) -> None:
    made = site.make(order(label="a very long name of a visitor, x" + "x" * 8))
    answer = site.get(f"{made.link}/pass.png")
    assert answer.headers["content-type"] == "image/png"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.width == 1080
    assert _read_code(picture) == _text_of_page(site.get(made.link).text)


def test_a_code_that_changes_has_no_picture_and_no_sheet(site: Centre) -> None:
    made = site.make(order(PassKind.RECURRING))
    for path in ("pass.png", "sheet.pdf"):
        assert site.get(f"{made.link}/{path}").status_code == 404
        assert f"{made.link}/{path}" not in site.get(made.link).text


@pytest.mark.parametrize("path", ["", "/state", "/pass.png", "/sheet.pdf"])
def test_answers_stay_with_the_visitor(site: Centre, path: str) -> None:
    made = site.make(order())
    answer = site.get(f"{made.link}{path}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("private")
    assert "set-cookie" not in answer.headers


def test_a_link_is_told_to_nobody(site: Centre) -> None:
    made = site.make(order())
    assert '<meta name="referrer" content="no-referrer">' in site.get(made.link).text


def test_no_log_names_a_link_or_what_it_leads_to(
    site: Centre, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = site.make(order())
    for path in ("", "/state", "/pass.png", "/sheet.pdf", "/language/en"):
        site.get(f"{made.link}{path}")
    site.get("/p/" + "B" * 22)
    for secret in (made.link.removeprefix("/p/"), "B" * 22, made.pin, made.pass_id, "送沙发"):
        assert secret not in caplog.text


def test_a_wrong_link_leads_nowhere_and_soon_to_a_wait(site: Centre) -> None:
    made = site.make(order())
    wrong = "/p/" + "A" * 22
    for _ in range(ADDRESS.free + 1):
        answer = site.get(wrong)
        assert answer.status_code == 404
        assert "此链接没有对应的访客码" in answer.text
    answer = site.get(wrong)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert site.get("/p/%C3%A9/state").status_code == 429
    # Who has a right link is not made to wait for somebody else's guesses.
    assert site.get(made.link).status_code == 200
    with AsgiClient(front(site.engine, "", lambda: NOW, SECRET)) as started_again:
        assert started_again.ask("GET", wrong).status_code == 429
    site.now = NOW + timedelta(hours=2)
    assert site.get(wrong).status_code == 404


def test_another_centres_secret_opens_nothing(site: Centre) -> None:
    made = site.make(order())
    shorter = made.link[:-1]
    assert site.get(shorter).status_code == 404
    assert site.get(made.link + "A").status_code == 404


def test_the_worker_is_served_where_passes_are(site: Centre) -> None:
    answer = site.get("/p/worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert "/static/visitor.js" in answer.text


def test_what_a_resident_makes_on_the_phone_opens_by_what_the_gates_were_told(
    tmp_path: Path,
) -> None:
    there = home_centre(f"sqlite:///{tmp_path}/centre.db")
    there.hear(claim_of("ABCD-2345", OWNER, START + timedelta(days=1)))
    with AsgiClient(there.app) as client:
        phone = PhoneBrowser(client)
        phone.claim("ABCD-2345")
        phone.get("/home/passes/new?kind=delivery")
        form = {"kind": "delivery", "label": "送水", "hours": "2"}
        shared = phone.follow(phone.post("/home/passes/new", form)).text
        link = re.search(r'value="http://127\.0\.0\.1(/p/[^"]+)"', shared)
        assert link
        page = client.ask("GET", link[1], (CHINESE,))
        assert page.status_code == 200
        text = _text_of_page(page.text)
    public = {
        body["kid"]: PublicKey.from_public_bytes(bytes.fromhex(body["ed25519"]))
        for _, body in there.told("pass_key")
        if body["kid"] >= FIRST_KID
    }
    ((_, made),) = there.told("pass_made")
    there.engine.dispose()
    claims = read(text, public)
    assert isinstance(claims, Claims)
    assert (claims.pass_id, claims.host, claims.kind) == (
        made["pass_id"],
        OWNER.resident_id,
        PassKind.DELIVERY,
    )
    assert made["label"] == "送水"


def test_the_gates_know_the_keys_before_the_first_pass(tmp_path: Path) -> None:
    there = home_centre(f"sqlite:///{tmp_path}/centre.db")
    there.hear(claim_of("ABCD-2345", OWNER, START + timedelta(days=1)))
    with AsgiClient(there.app) as client:
        assert PhoneBrowser(client).claim("ABCD-2345").status_code == 303
    kids = [body["kid"] for _, body in there.told("pass_key")]
    assert FIRST_KID in kids
    assert len(there.told("rotation_key")) == 1
    there.engine.dispose()
