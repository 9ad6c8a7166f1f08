"""A face enrolled at the desk's pages: the text, the stills, the photo, and who may not."""

from collections.abc import Iterator

import httpx
import pytest

from edge import wire
from edge.consent_text import VERSIONS, WORDS, version
from tests.fakes.register_pages import MANAGER, register_pages
from tests.fakes.register_site import GOOD, POOR, RegisterSite
from tests.fakes.web_browser import PlainBrowser
from tests.fakes.web_site import PASSWORD, WebSite

_JPEG = b"\xff\xd8\xff"
FINE, DARK = _JPEG + GOOD, _JPEG + POOR


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WebSite, RegisterSite]]:
    with register_pages(tmp_path_factory.mktemp("w")) as both:
        both[1].eyes.poor = DARK
        yield both


@pytest.fixture
def register(pages: tuple[WebSite, RegisterSite]) -> Iterator[RegisterSite]:
    register = pages[1]
    register.eyes.away, register.eyes.alike = False, ()
    yield register
    for person in register.store.residents():
        register.store.remove_resident(person.resident_id, register.clock.now())


@pytest.fixture
def desk(pages: tuple[WebSite, RegisterSite]) -> Iterator[PlainBrowser]:
    with PlainBrowser(pages[0].url) as browser:
        browser.log_in(MANAGER, PASSWORD)
        browser.get("/homes")
        yield browser


def _hand_in(
    browser: PlainBrowser, person: str, photo: bytes, token: str | None = None, **more: str
) -> httpx.Response:
    """Send the form as a browser without scripts does: the token is a field of it."""
    fields = {
        "csrf": browser.token if token is None else token,
        "consent": version("zh"),
        "aloud": "yes",
    } | more
    files = {"photo": ("photo.jpg", photo, "image/jpeg")}
    return browser.http.post(f"/people/{person}/face", data=fields, files=files)


def _look(browser: PlainBrowser, body: bytes) -> httpx.Response:
    headers = {"x-csrf": browser.token, "content-type": "image/jpeg"}
    return browser.http.post("/face-check", content=body, headers=headers)


def _consent(register: RegisterSite, person: str) -> wire.PersonIs:
    said = register.ask(wire.Person(1, person))
    assert isinstance(said, wire.PersonIs)
    return said


def test_the_text_that_is_read_aloud_is_the_text_that_is_recorded(
    register: RegisterSite, desk: PlainBrowser
) -> None:
    lin = register.add("林晓")
    page = desk.get(f"/people/{lin}/face").text
    assert WORDS["zh"] in page
    assert f'value="{version("zh")}"' in page
    answer = _hand_in(desk, lin, FINE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/people/{lin}?said=enrolled")
    given = _consent(register, lin)
    assert given.row.allowed == ("face",)
    assert (given.consent, given.by, given.guardian) == (version("zh"), MANAGER, None)
    shown = desk.get(answer.headers["location"]).text
    assert all(word in shown for word in ("人脸已录入", version("zh"), MANAGER))
    off = desk.post(f"/people/{lin}/withdraw")
    assert off.status_code == 303
    assert _consent(register, lin).row.allowed == ()
    assert "不能撤销" in desk.get(off.headers["location"]).text


def test_no_face_without_the_text_and_no_childs_without_a_guardian(
    register: RegisterSite, desk: PlainBrowser
) -> None:
    lin = register.add("林晓")
    assert _hand_in(desk, lin, FINE, aloud="").status_code == 400
    other = _hand_in(desk, lin, FINE, consent="desk-face-zh-00000000")
    assert (other.status_code, "文本已更新" in other.text) == (409, True)
    alone = _hand_in(desk, lin, FINE, child="yes", guardian=" ")
    assert (alone.status_code, "监护人" in alone.text) == (400, True)
    assert _consent(register, lin).row.allowed == ()
    assert _hand_in(desk, lin, FINE, child="yes", guardian="林父").status_code == 303
    assert _consent(register, lin).guardian == "林父"
    assert len(VERSIONS) == len(WORDS)


def test_a_still_is_answered_with_what_to_do(register: RegisterSite, desk: PlainBrowser) -> None:
    assert _look(desk, FINE).json() == {"word": "", "text": "可以了，请拍照。"}
    assert _look(desk, DARK).json() == {"word": "too_dark", "text": "太暗：请面向光亮处。"}
    assert _look(desk, b"<html>").status_code == 400
    register.eyes.away = True
    away = _look(desk, FINE)
    assert (away.status_code, away.json()["word"]) == (503, "away")
    assert httpx.post(f"{desk.http.base_url}/face-check", content=FINE).status_code == 401


def test_a_photo_that_will_not_do_is_refused_in_words_and_kept_nowhere(
    register: RegisterSite, desk: PlainBrowser
) -> None:
    lin = register.add("林晓")
    poor = _hand_in(desk, lin, DARK)
    assert (poor.status_code, "太暗" in poor.text) == (409, True)
    register.eyes.away = True
    assert _hand_in(desk, lin, FINE).status_code == 409
    assert _hand_in(desk, lin, FINE + b"x" * 230 * 1024).status_code == 413
    assert _hand_in(desk, "f" * 16, FINE).status_code == 409
    assert _consent(register, lin).row.allowed == ()
    kept = [path for path in register.places.root.rglob("*") if path.is_file()]
    assert [path for path in kept if GOOD in path.read_bytes() or POOR in path.read_bytes()] == []


def test_whom_a_new_face_looks_like_is_said(register: RegisterSite, desk: PlainBrowser) -> None:
    lin, lei = register.add("林晓"), register.add("李雷", "3-1-503")
    register.eyes.alike = (lei,)
    answer = _hand_in(desk, lin, FINE)
    assert answer.status_code == 200
    assert all(word in answer.text for word in ("李雷", "3-1-503", "人脸已录入"))


def test_a_form_with_a_file_needs_its_token_too(register: RegisterSite, desk: PlainBrowser) -> None:
    lin = register.add("林晓")
    for token in ("", "0" * 32):
        assert _hand_in(desk, lin, FINE, token=token).status_code == 403
    kind = {"content-type": "multipart/form-data; boundary=x"}
    for body in (b"", b"--x\r\nnonsense", b"--y--", b"--x\r\n" * 30):
        answer = desk.http.post(f"/people/{lin}/face", content=body, headers=kind)
        assert answer.status_code in {400, 403}, body
    files = [("photo", ("a.jpg", FINE, "image/jpeg"))] * 2
    twice = desk.http.post(f"/people/{lin}/face", data={"csrf": desk.token}, files=files)
    assert twice.status_code == 400
    assert _consent(register, lin).row.allowed == ()
