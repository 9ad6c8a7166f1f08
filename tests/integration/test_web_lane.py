"""The lane's screen: public words, calls, and a device's own camera."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from edge import wire
from edge.clock import monotonic
from edge.web.lane_camera import TICK_LASTS
from edge.web.seal import Seal
from models.lane import Credential
from tests.fakes.core import Person
from tests.fakes.web_browser import PlainBrowser, lane_screen, read_stream
from tests.fakes.web_eye import drawing, portrait
from tests.fakes.web_site import (
    GUARD,
    PASSWORD,
    WebSite,
    health,
    served,
    wait_for,
)

STRANGER = Person(Credential.FACE, crop=portrait(150))
OPEN = {"lane": "1", "direction": "entry", "why": "delivery", "note": " 顺丰 ", "answers": ""}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    with served(tmp_path) as site:
        yield site


@pytest.fixture
def desk(site: WebSite) -> Iterator[PlainBrowser]:
    site.admit(GUARD, "guard")
    with PlainBrowser(site.url) as browser:
        assert browser.log_in(GUARD, PASSWORD).headers["location"] == "/"
        yield browser


@pytest.mark.parametrize(
    ("reason", "zh"),
    [
        ("unknown_face", "未识别，请刷码、刷卡或呼叫保安"),
        ("ended", "未识别，请刷码、刷卡或呼叫保安"),
        ("used", "此码已用过"),
        ("forged", "此码无效，请住户重新发送"),
        ("a reason of tomorrow", "未识别，请刷码、刷卡或呼叫保安"),
    ],
)
def test_the_screen_answers_in_public_words(site: WebSite, reason: str, zh: str) -> None:
    person = Person(Credential.FACE, "林晓", "3-1-502")
    threading.Timer(1.5, lambda: site.core.see(1, person, "refused", reason)).start()
    with lane_screen(site, 1) as screen:
        said = read_stream(screen, "/lane/1/events", "refused")
    shown = json.loads(said.partition("event: shown\ndata: ")[2].splitlines()[0])
    assert (shown["signal"], shown["zh"]) == ("refused", zh)
    assert set(shown) == {"signal", "zh", "en", "move"}
    assert "林晓" not in said
    assert "3-1-502" not in said


def test_the_screen_asks_for_a_movement(site: WebSite) -> None:
    threading.Timer(1.5, lambda: site.core.show(1, "wait", "turn_left")).start()
    with lane_screen(site, 1) as screen:
        said = read_stream(screen, "/lane/1/events", "turn_left")
    shown = json.loads(said.partition("event: shown\ndata: ")[2].splitlines()[0])
    assert (shown["signal"], shown["move"]) == ("move", "turn_left")
    assert shown["zh"] == "请慢慢向左转头，再看镜头"


def test_another_lanes_answer_is_not_shown(site: WebSite) -> None:
    def both() -> None:
        site.core.see(2, STRANGER, "refused", "forged")
        site.core.see(1, STRANGER, "refused", "used")

    threading.Timer(1.5, both).start()
    with lane_screen(site, 1) as screen:
        said = read_stream(screen, "/lane/1/events", "此码")
    assert "此码已用过" in said
    assert "此码无效" not in said


def test_a_call_reaches_the_guard_once_for_many_taps(site: WebSite, desk: PlainBrowser) -> None:
    with lane_screen(site, 2) as screen, ThreadPoolExecutor(12) as taps:
        answers = taps.map(lambda _: screen.post("/lane/2/call").json(), range(12))
        assert list(answers) == [{"ok": True}] * 12
    assert site.core.calls == [2]
    wait_for(lambda: 'data-kind="call"' in desk.get("/").text)


def test_calls_that_hang_hold_up_no_guard(site: WebSite, desk: PlainBrowser) -> None:
    with ExitStack() as screens, ThreadPoolExecutor(2) as taps:
        devices = [screens.enter_context(lane_screen(site, number)) for number in (1, 2)]
        site.core.mute.add(wire.Call)
        calling = [
            taps.submit(screen.post, f"/lane/{number}/call")
            for number, screen in enumerate(devices, 1)
        ]
        wait_for(lambda: len(site.core.calls) == 2)
        assert desk.post("/open", OPEN).status_code == 200
        assert not any(call.done() for call in calling)
        assert [call.result().status_code for call in calling] == [503, 503]


def test_a_call_that_does_not_get_through_says_so(site: WebSite) -> None:
    with lane_screen(site, 2) as screen:
        site.core.stop()
        wait_for(lambda: not health(site))
        assert screen.post("/lane/2/call").status_code == 503
        site.core.start()
        wait_for(lambda: health(site))
        assert screen.post("/lane/2/call").status_code == 200
        assert site.core.calls == [2]


def _frame(screen: PlainBrowser, body: bytes, **headers: str) -> httpx.Response:
    return screen.http.post(
        "/lane/2/frame",
        content=body,
        headers={"x-csrf": screen.token, "content-type": "image/jpeg"}
        | {name.replace("_", "-"): value for name, value in headers.items()},
    )


def _nonce(site: WebSite, screen: PlainBrowser) -> str:
    cookie = site.seal.read("lane", screen.http.cookies["kuahu-lane-2"])
    assert isinstance(cookie, dict)
    return str(cookie["nonce"])


def test_a_devices_picture_reaches_vision_with_its_age(site: WebSite) -> None:
    with lane_screen(site, 2) as screen:
        wait_for(lambda: _frame(screen, b"").status_code == 200)
        tick = _frame(screen, b"").json()["tick"]
        assert site.eye.pushed == []
        answer = _frame(screen, drawing(1), x_tick=tick, x_since="-1500")
        assert answer.json()["taken"] is True
        assert answer.json()["tick"] != tick
        wait_for(lambda: site.eye.pushed)
    (push,) = site.eye.pushed
    assert (push.camera, push.jpeg) == ("cam-2", drawing(1))
    assert push.age >= 1.5


def test_the_age_counts_from_when_the_tick_was_given(site: WebSite) -> None:
    with lane_screen(site, 2) as screen:
        early = site.seal.sign("tick", [2, _nonce(site, screen), monotonic() - 2.5])
        wait_for(lambda: _frame(screen, drawing(1), x_tick=early, x_since="500").json()["taken"])
    wait_for(lambda: site.eye.pushed)
    assert site.eye.pushed[0].age >= 2.0


@pytest.mark.parametrize(
    ("lane", "nonce", "shift", "secret"),
    [
        (1, None, 0.0, None),
        (2, "another device", 0.0, None),
        (2, None, -TICK_LASTS - 1, None),
        (2, None, 60.0, None),
        (2, None, 0.0, b"x" * 32),
    ],
)
def test_a_tick_that_is_not_this_screens_or_not_new_gives_no_age(
    site: WebSite, lane: int, nonce: str | None, shift: float, secret: bytes | None
) -> None:
    seal = Seal(secret) if secret else site.seal
    with lane_screen(site, 2) as screen:
        value = [lane, nonce or _nonce(site, screen), monotonic() + shift]
        answer = _frame(screen, drawing(1), x_tick=seal.sign("tick", value), x_since="0")
        assert (answer.status_code, answer.json()["taken"]) == (200, False)
        for made_up in ("1.0", str(monotonic()), "", "x.y.z"):
            answer = _frame(screen, drawing(1), x_tick=made_up, x_since="0")
            assert (answer.status_code, answer.json()["taken"]) == (200, False)
    assert site.eye.pushed == []


@pytest.mark.parametrize(
    ("body", "since", "status"),
    [(b"GIF89a", "1", 400), (b"", "1", 400), (drawing(1), "inf", 200), (drawing(1), "", 200)],
)
def test_what_is_no_picture_or_has_no_age_is_not_used(
    site: WebSite, body: bytes, since: str, status: int
) -> None:
    with lane_screen(site, 2) as screen:
        tick = _frame(screen, b"").json()["tick"]
        assert _frame(screen, body, x_tick=tick, x_since=since).status_code == status
    assert site.eye.pushed == []


def test_only_the_newest_device_to_begin_is_the_lanes_camera(site: WebSite) -> None:
    with lane_screen(site, 2) as old, lane_screen(site, 2) as new:
        tick = _frame(old, b"", x_begin="1").json()["tick"]
        wait_for(lambda: _frame(old, drawing(1), x_tick=tick, x_since="0").json()["taken"])
        assert _frame(new, b"").status_code == 409
        theirs = _frame(new, b"", x_begin="1").json()["tick"]
        answer = _frame(old, drawing(2), x_tick=tick, x_since="0")
        assert (answer.status_code, answer.json()) == (409, {"taken": False})
        assert _frame(new, drawing(3), x_tick=theirs, x_since="0").json()["taken"] is True
        wait_for(lambda: site.eye.pushed[-1].jpeg == drawing(3))
    assert drawing(2) not in {each.jpeg for each in site.eye.pushed}


def test_a_lane_without_a_browsers_camera_takes_no_pictures(site: WebSite) -> None:
    with lane_screen(site, 1) as screen:
        headers = {"x-csrf": screen.token}
        answer = screen.http.post("/lane/1/frame", content=drawing(1), headers=headers)
        assert answer.status_code == 404
