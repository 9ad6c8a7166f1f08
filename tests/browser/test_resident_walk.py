"""A resident's phone: a home is claimed, a photo sealed in the browser, a pass sent."""

import io
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from cryptography.hazmat.primitives import hpke
from PIL import Image
from playwright.sync_api import Page, expect

from models.lane import Credential, Direction
from models.letter import PassUsed, PhotoAnswer, PhotoAnswered, VehicleNow
from tests.fakes.centre_home import (
    CHILD,
    COMPOUND,
    HUSBAND,
    OWNER,
    HomeCentre,
    claim_of,
    with_choice,
)
from tests.fakes.resident_site import resident_site

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
SUITE = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
PICTURES = Path(__file__).resolve().parents[2] / "artefacts" / "screenshots"
FACE = f"/home/people/{OWNER.resident_id}/face"
_GPS = 0x8825


class Place:
    """A centre, its address, and codes from its desk."""

    def __init__(self, centre: HomeCentre, url: str) -> None:
        self.centre = centre
        self.url = url
        self._codes = 0

    def code(self) -> str:
        self._codes += 1
        code = f"C0DE{self._codes:04}"
        self.centre.hear(claim_of(code, OWNER, self.centre.clock() + timedelta(days=3)))
        return code


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with resident_site(tmp_path_factory.mktemp("resident")) as (centre, url):
        yield Place(centre, url)


def clean(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def photo(sharp: bool = True) -> bytes:
    """Return a picture of a phone's size with the place where it was taken in its notes."""
    rng = np.random.default_rng(7)
    coarse = Image.fromarray(rng.integers(40, 220, (90, 120, 3), dtype=np.uint8))
    way = Image.Resampling.NEAREST if sharp else Image.Resampling.BICUBIC
    picture = coarse.resize((2400, 1800), way)
    if not sharp:
        picture = coarse.resize((6, 5)).resize((2400, 1800), way)
    notes = Image.Exif()
    notes[_GPS] = {1: "N", 2: (30.0, 15.0, 0.0)}
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=85, exif=notes)
    return kept.getvalue()


def choose(page: Page, content: bytes) -> None:
    file = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": content}
    page.locator("#photo-choose").set_input_files(files=file)  # type: ignore[arg-type] # one file


def opened(centre: HomeCentre) -> tuple[str, bytes]:
    """Return the id of the photo that waits, and what the gate finds in it."""
    (body,) = [body for _, body in centre.told("sealed_photo")]
    info = f"kuahu photo 1\0{COMPOUND}\0{body['photo_id']}\0{body['resident_id']}"
    sealed = b64decode(body["sealed"])
    return body["photo_id"], SUITE.decrypt(sealed, centre.photo_key, info.encode())


def test_a_home_is_claimed_and_a_photo_is_sealed_on_the_phone(place: Place, visit: "Visit") -> None:
    page = visit(**PHONE, locale="zh-CN")
    code = place.code()
    page.goto(f"{place.url}/home/claim#code={code}")
    expect(page.locator("#code")).to_have_value(code)
    assert code not in page.url
    clean(page)
    page.get_by_role("button", name="认领").click()
    expect(page.get_by_text("3-1-502")).to_be_visible()
    clean(page)

    page.goto(place.url + FACE)
    clean(page)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="同意").click()
    expect(page.locator("#photo-tools")).to_be_visible()
    expect(page.locator("#photo-unable")).to_be_hidden()

    choose(page, b"this is no picture")
    expect(page.locator("#photo-said")).to_contain_text("不是照片")
    choose(page, photo(sharp=False))
    expect(page.locator("#photo-said")).to_contain_text("模糊")
    choose(page, photo())
    expect(page.locator("#photo-said")).to_have_text("照片可以使用。")
    clean(page)
    with page.expect_request("**/photo") as sent:
        page.get_by_role("button", name="加密并发送").click()
    expect(page.locator("[data-photo=waiting]")).to_be_visible()
    assert b"JFIF" not in b64decode(sent.value.post_data_json["sealed"])

    photo_id, content = opened(place.centre)
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, max(picture.size)) == ("JPEG", 1280)
    assert dict(picture.getexif()) == {}
    place.centre.hear(PhotoAnswered(photo_id, PhotoAnswer.ACCEPTED, place.centre.clock()))
    expect(page.locator("[data-photo=accepted]")).to_contain_text("可以刷脸通行了")
    clean(page)


def test_a_photo_is_sealed_again_when_the_gate_has_a_new_key(place: Place, visit: "Visit") -> None:
    page = visit(**PHONE, locale="en-GB")
    page.goto(f"{place.url}/home/claim#code={place.code()}")
    page.get_by_role("button", name="Claim").click()
    page.goto(place.url + FACE.replace(OWNER.resident_id, CHILD.resident_id))
    clean(page)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Agree").click()
    choose(page, photo())
    expect(page.locator("#photo-said")).to_have_text("The photo looks fine.")
    place.centre.new_photo_key()
    page.get_by_role("button", name="Encrypt and send").click()
    expect(page.locator("[data-photo=waiting]")).to_be_visible()
    assert opened(place.centre)[1].startswith(b"\xff\xd8\xff")
    page.get_by_role("button", name="Take my face back").click()
    expect(page.get_by_role("button", name="Agree")).to_be_visible()
    assert place.centre.told("sealed_photo") == []


def test_a_pass_is_made_and_its_link_is_copied(place: Place, visit: "Visit") -> None:
    page = visit(**PHONE, locale="zh-CN", permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{place.url}/home/claim#code={place.code()}")
    page.get_by_role("button", name="认领").click()
    page.get_by_role("button", name="邀请访客").click()
    page.get_by_role("link", name="单次访客").click()
    page.get_by_label("访客称呼").fill("王阿姨")
    clean(page)
    page.get_by_role("button", name="生成访客码").click()
    expect(page.get_by_text("访客码已生成")).to_be_visible()
    clean(page)
    page.get_by_role("button", name="复制链接").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    link = page.locator("#link").input_value()
    assert copied.endswith(f" {link}")
    assert "跨湖嘉园" in copied
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("已撤销")).to_be_visible()
    assert [kind for kind, _ in place.centre.told("revoked")] == ["revoked"]


def _story(place: Place, page: Page) -> dict[str, str]:
    """Let a home have lived here for a while; return the paths worth looking at."""
    centre = place.centre
    centre.hear(
        with_choice(OWNER, Credential.FACE, Credential.PLATE, face=True),
        with_choice(HUSBAND, Credential.CARD),
        VehicleNow("v1", OWNER.resident_id, "京A12345", None),
    )
    page.goto(f"{place.url}/home/claim")
    made = {}
    page.goto(f"{place.url}/home/claim#code={place.code()}")
    page.locator("form[action='/home/claim'] button").click()
    for kind, label in (("window", "装修师傅"), ("recurring", "保洁刘姐"), ("delivery", "送菜")):
        page.goto(f"{place.url}/home/passes/new?kind={kind}")
        page.locator("#label").fill(label)
        page.locator("form[action='/home/passes/new'] button").click()
        page.wait_for_url("**/home/passes/*?made=1")
        made[kind] = page.url.split("/")[-1].split("?")[0]
    at = centre.clock() + timedelta(minutes=30)
    centre.hear(
        PassUsed(made["window"], 1, Direction.ENTRY, at, opened=True, reason="visitor"),
        PassUsed(made["window"], 2, Direction.ENTRY, at, opened=False, reason="used", double=True),
    )
    centre.pass_by(OWNER.resident_id, at, lane=1, credential="face")
    page.goto(f"{place.url}/home/people/new")
    page.locator("#name").fill("外婆")
    page.locator("main form button").click()
    page.wait_for_url("**/home/people/*")
    return {
        "home": "/home",
        "passes": "/home/passes",
        "kinds": "/home/passes/new",
        "single": "/home/passes/new?kind=single",
        "recurring": "/home/passes/new?kind=recurring",
        "pass": f"/home/passes/{made['window']}",
        "people": "/home/people",
        "add": "/home/people/new",
        "person": f"/home/people/{OWNER.resident_id}",
        "plate": f"/home/people/{HUSBAND.resident_id}/plate",
        "cars": "/home/cars",
        "me": "/home/me",
        "history": "/home/history",
        "devices": "/home/devices",
        "data": "/home/data",
        "erase": "/home/erase",
        "problem": "/home/passes/none",
    }


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_page_looks_as_it_should(
    place: Place, visit: "Visit", language: str, scheme: str
) -> None:
    page = visit(**PHONE, locale=LANGUAGES[language], color_scheme=scheme)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, path in _story(place, page).items():
        page.goto(place.url + path)
        clean(page)
        page.screenshot(path=PICTURES / f"resident-{name}-{language}-{scheme}.png", full_page=True)
